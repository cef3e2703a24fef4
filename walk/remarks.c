/* remarks: see remarks.h. The first that fits counts, so the longer beginnings come first. */
#include "walk/remarks.h"

static const struct walk_remark remarks[] = {
    {"v=", "RFC 8866 §5.1", "the version of SDP: there is only this one"},
    {"o=", "RFC 8866 §5.2, RFC 9429 §5.2.1",
     "who made it: a random session id, and a version that grows with each new offer. The name and "
     "the address are filled with nothing, so as not to tell them"},
    {"s=", "RFC 8866 §5.3", "a name for people; it must be there, and nobody reads it"},
    {"t=0 0", "RFC 8866 §5.9", "from when to when: always"},
    {"a=group:BUNDLE", "RFC 9143 §5",
     "the m-lines with these mids would like to share one transport: one pair of ports, one DTLS "
     "association"},
    {"a=extmap-allow-mixed", "RFC 8285 §6",
     "header extensions of one and of two bytes may stand in the same stream"},
    {"a=msid-semantic:", "a draft before RFC 8830",
     "says nothing any more, but older browsers look for it"},
    {"m=audio", "RFC 8866 §5.14, RFC 9429 §5.2.1",
     "sound. Port 9 stands for \"no address yet\", for ICE finds it. UDP/TLS/RTP/SAVPF: RTP, "
     "protected, with keys from DTLS, and with feedback. The last numbers are payload types, the "
     "best first"},
    {"m=video", "RFC 8866 §5.14", "pictures: a second m-line, which says all for itself"},
    {"c=", "RFC 8866 §5.7", "an address that is none, for the same reason as port 9"},
    {"a=mid:", "RFC 5888 §4", "the name of this m-line; packets will bear it"},
    {"a=sendrecv", "RFC 8866 §6.7", "we would like to send and to receive"},
    {"a=rtpmap:# opus", "RFC 8866 §6.6, RFC 7587 §7",
     "this payload type means Opus; its clock is always 48 kHz, and it always says 2 channels"},
    {"a=rtpmap:# VP8", "RFC 8866 §6.6, RFC 7741 §6.1", "VP8; the clock of pictures is 90 kHz"},
    {"a=rtpmap:# rtx", "RFC 4588 §8.6", "a packet that is sent again (RTX)"},
    {"a=rtpmap:# red", "RFC 2198 §5",
     "redundant sound: each packet has the one before in it once more"},
    {"a=rtpmap:# telephone-event", "RFC 4733 §2.4.1",
     "keys of a telephone (DTMF), told instead of sounded; one for each clock in use"},
    {"a=rtpmap:", "RFC 8866 §6.6", "what a payload type means, and its clock"},
    {"a=fmtp:# apt=", "RFC 4588 §8.6", "… of those that had this payload type"},
    {"a=fmtp:# minptime", "RFC 7587 §7",
     "parameters of the codec: no packets of less than 10 ms, and forward error correction in the "
     "packets can be used"},
    {"a=fmtp:# 111/", "RFC 2198 §5", "… and both of them are in this payload type"},
    {"a=fmtp:", "RFC 8866 §6.15", "parameters of the codec"},
    {"a=extmap:# urn:ietf:params:rtp-hdrext:sdes:mid", "RFC 9143 §15.2",
     "a header extension of packets, under this number: the mid, which says what m-line a packet "
     "belongs to"},
    {"a=extmap:# http://www.ietf.org/id/draft-holmer",
     "draft-holmer-rmcat-transport-wide-cc-extensions-01 §2",
     "a number that counts all packets of the transport, so that the other side can say when each "
     "came"},
    {"a=extmap:# http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
     "draft-alvestrand-rmcat-remb-03 §3",
     "when the packet left, in 24 bits: for those who estimate at the receiving end"},
    {"a=extmap:# urn:ietf:params:rtp-hdrext:ssrc-audio-level", "RFC 6464 §4",
     "how loud the packet is, so that nobody needs to decode it to know who speaks"},
    {"a=extmap:# http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
     "libwebrtc's document of that name", "when camera or microphone took it"},
    {"a=extmap:# urn:3gpp:video-orientation", "3GPP TS 26.114 §7.4.5",
     "how the camera was held: the receiver turns the picture"},
    {"a=extmap:# http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
     "libwebrtc's document of that name", "how long the receiver should hold pictures, and may"},
    {"a=extmap:", "RFC 8285 §5", "a header extension of packets, and its number"},
    {"a=rtcp-fb:# transport-cc", "draft-holmer-rmcat-transport-wide-cc-extensions-01 §4",
     "… and it will say so in RTCP"},
    {"a=rtcp-fb:# nack pli", "RFC 4585 §6.3.1",
     "\"I have lost the picture\" may be said: the answer is a key frame"},
    {"a=rtcp-fb:# nack", "RFC 4585 §6.2.1",
     "\"this packet is missing\" may be said: it is sent again"},
    {"a=rtcp-fb:# ccm fir", "RFC 5104 §4.3.1", "a key frame may be asked for outright"},
    {"a=rtcp-fb:# goog-remb", "draft-alvestrand-rmcat-remb-03 §2.3",
     "the receiver may say how much it thinks can be sent"},
    {"a=rtcp-fb:", "RFC 4585 §4.2", "feedback that may be given in RTCP"},
    {"a=msid:", "RFC 8830 §2",
     "the names of the stream and the track: those of one stream are played in step"},
    {"a=ssrc-group:FID", "RFC 5576 §4.2, RFC 4588 §8.8",
     "two sources belong together: the packets, and the same sent again"},
    {"a=ssrc:", "RFC 5576 §4.1",
     "the 32 bits that will be in each packet of this source. Streams of one cname have one clock"},
    {"a=ice-ufrag:", "RFC 8839 §5.4",
     "a name for the checks. It and the password are made anew for each transport"},
    {"a=ice-pwd:", "RFC 8839 §5.4",
     "the key of the checks' integrity: who can show it, has read this description"},
    {"a=ice-options:", "RFC 8839 §5.6, RFC 8840 §4.1.1",
     "candidates may follow later (trickle); this is the ICE of RFC 8445 (ice2); and a pair may be "
     "nominated anew (renomination, a draft)"},
    {"a=fingerprint:", "RFC 8122 §5",
     "SHA-256 of our certificate. In the DTLS handshake it has to be this one: that is all the "
     "authentication a call has"},
    {"a=setup:actpass", "RFC 4145 §4, RFC 8842 §5.2",
     "who begins the DTLS handshake? Whichever role the answerer likes"},
    {"a=setup:active", "RFC 4145 §4, RFC 8842 §5.3", "we begin it: we are the DTLS client"},
    {"a=setup:", "RFC 4145 §4", "who begins the DTLS handshake"},
    {"a=tls-id:", "RFC 8842 §4",
     "a name for the association: a new name in a later description means a new handshake"},
    {"a=rtcp:", "RFC 3605 §2.1", "where RTCP would go without rtcp-mux: nowhere"},
    {"a=rtcp-mux-only", "RFC 8858 §3", "… and it must not go elsewhere"},
    {"a=rtcp-mux", "RFC 5761 §5.1.1", "RTCP goes over the same port as RTP"},
    {"a=rtcp-rsize", "RFC 5506 §5", "RTCP packets may be short: feedback without a report"},
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool fits(const char *begins, struct rill_view line)
{
    size_t at = 0;
    for (; *begins; begins++) {
        if (*begins == '#') {
            while (at < line.n && is_digit(line.p[at]))
                at++;
        } else if (at == line.n || line.p[at++] != (uint8_t)*begins) {
            return false;
        }
    }
    return true;
}

const struct walk_remark *walk_remark(struct rill_view line)
{
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++)
        if (fits(remarks[i].begins, line))
            return &remarks[i];
    return NULL;
}

/* rtp/rtcp_fields: what is in each kind of control packet behind its header, a row a field, in the
 * order of the wire (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4, RFC 3611, REMB, transport-cc). */
#ifndef RILL_RTP_RTCP_FIELDS_H
#define RILL_RTP_RTCP_FIELDS_H

#include "base/field.h"

#define RILL_RTCP_TWCC_CLAUSE "transport-wide-cc-01 §3.1"
#define RILL_RTCP_REMB_CLAUSE "remb-03 §2.2"

/* ROW(field, name, bit, bits, clause, sentence); bit: in the part that the comment names. */
#define RILL_RTCP_FIELDS(ROW)                                                                      \
    ROW(SENDER, "sender SSRC", 0, 32, "RFC 3550 §6.4.1", "who reports")                            \
    /* sender info */                                                                              \
    ROW(NTP_SECONDS, "NTP seconds", 0, 32, "RFC 3550 §6.4.1", "the sender's clock, since 1900")    \
    ROW(NTP_FRACTION, "NTP fraction", 32, 32, "RFC 3550 §6.4.1", "in 2^-32 s")                     \
    ROW(RTP_TIME, "RTP timestamp", 64, 32, "RFC 3550 §6.4.1",                                      \
        "the same instant in the stream's clock: this joins picture and sound")                    \
    ROW(PACKETS, "sender's packet count", 96, 32, "RFC 3550 §6.4.1", "packets sent so far")        \
    ROW(OCTETS, "sender's octet count", 128, 32, "RFC 3550 §6.4.1",                                \
        "bytes of payload sent so far")                                                            \
    ROW(PROFILE, "profile-specific extensions", 0, 0, "RFC 3550 §6.4.3", "not looked at")          \
    /* SDES */                                                                                     \
    ROW(CHUNK, "chunk", 0, 0, "RFC 3550 §6.5", "what is told of one source")                       \
    ROW(SSRC, "SSRC", 0, 32, "RFC 3550 §6.5", "which stream")                                      \
    ROW(ITEM, "item", 0, 0, "RFC 3550 §6.5", "one thing about it")                                 \
    ROW(ITEM_TYPE, "type", 0, 8, "RFC 3550 §6.5", "what is told; 0 ends the chunk")                \
    ROW(ITEM_LENGTH, "length", 8, 8, "RFC 3550 §6.5", "bytes of the text")                         \
    ROW(ITEM_TEXT, "text", 0, 0, "RFC 3550 §6.5", "UTF-8")                                         \
    ROW(ITEM_END, "end", 0, 0, "RFC 3550 §6.5", "zeros up to the next 32-bit word")                \
    /* BYE, APP */                                                                                 \
    ROW(REASON_LENGTH, "length", 0, 8, "RFC 3550 §6.6", "bytes of the reason")                     \
    ROW(REASON, "reason for leaving", 0, 0, "RFC 3550 §6.6", "in words")                           \
    ROW(APP_NAME, "name", 0, 32, "RFC 3550 §6.7", "four letters that say whose packet this is")    \
    ROW(APP_DATA, "application-dependent data", 0, 0, "RFC 3550 §6.7", "of the application alone") \
    /* feedback */                                                                                 \
    ROW(FB_SENDER, "SSRC of packet sender", 0, 32, "RFC 4585 §6.1", "who asks")                    \
    ROW(FB_MEDIA, "SSRC of media source", 32, 32, "RFC 4585 §6.1", "which stream it is about")     \
    ROW(FCI, "FCI", 0, 0, "RFC 4585 §6.1", "feedback control information")                         \
    ROW(PID, "PID", 0, 16, "RFC 4585 §6.2.1", "the sequence number of a packet that is lost")      \
    ROW(BLP, "BLP", 16, 16, "RFC 4585 §6.2.1",                                                     \
        "bit i, from the right and from 1: packet PID + i is lost too")                            \
    ROW(FIR_SSRC, "SSRC", 0, 32, "RFC 5104 §4.3.1.1", "whose encoder is to make a key frame")      \
    ROW(FIR_SEQ, "seq nr.", 32, 8, "RFC 5104 §4.3.1.1",                                            \
        "counts requests; the same again is the same request")                                     \
    ROW(FIR_RESERVED, "reserved", 40, 24, "RFC 5104 §4.3.1.1", "0")                                \
    ROW(REMB_ID, "unique identifier", 0, 32, RILL_RTCP_REMB_CLAUSE, "REMB")                        \
    ROW(REMB_COUNT, "num SSRC", 32, 8, RILL_RTCP_REMB_CLAUSE, "how many streams it is about")      \
    ROW(REMB_EXP, "BR exp", 40, 6, RILL_RTCP_REMB_CLAUSE, "two to the power of this, times …")     \
    ROW(REMB_MANTISSA, "BR mantissa", 46, 18, RILL_RTCP_REMB_CLAUSE, "… this: bits per second")    \
    ROW(REMB_RATE, "bitrate", 0, 0, RILL_RTCP_REMB_CLAUSE, "what the path is thought to carry")    \
    ROW(REMB_SSRC, "SSRC", 0, 32, RILL_RTCP_REMB_CLAUSE, "one of the streams")                     \
    ROW(TWCC_BASE, "base sequence number", 0, 16, RILL_RTCP_TWCC_CLAUSE,                           \
        "the first packet that is told of")                                                        \
    ROW(TWCC_COUNT, "packet status count", 16, 16, RILL_RTCP_TWCC_CLAUSE,                          \
        "how many packets are told of")                                                            \
    ROW(TWCC_TIME, "reference time", 32, 24, RILL_RTCP_TWCC_CLAUSE,                                \
        "the receiver's clock, signed, in 64 ms")                                                  \
    ROW(TWCC_FB, "fb pkt. count", 56, 8, RILL_RTCP_TWCC_CLAUSE, "counts feedbacks")                \
    ROW(TWCC_RUN, "run length chunk", 0, 0, RILL_RTCP_TWCC_CLAUSE,                                 \
        "packets in a row with one status")                                                        \
    ROW(TWCC_VECTOR, "status vector chunk", 0, 0, RILL_RTCP_TWCC_CLAUSE, "a status a packet")      \
    ROW(TWCC_T, "T", 0, 1, RILL_RTCP_TWCC_CLAUSE, "0: run length, 1: status vector")               \
    ROW(TWCC_S, "packet status symbol", 1, 2, RILL_RTCP_TWCC_CLAUSE,                               \
        "0 not received, 1 small delta, 2 large or negative delta")                                \
    ROW(TWCC_LENGTH, "run length", 3, 13, RILL_RTCP_TWCC_CLAUSE, "how many packets")               \
    ROW(TWCC_SIZE, "symbol size", 1, 1, RILL_RTCP_TWCC_CLAUSE, "0: 14 of one bit, 1: 7 of two")    \
    ROW(TWCC_LIST, "symbol list", 2, 14, RILL_RTCP_TWCC_CLAUSE, "a symbol a packet")               \
    ROW(TWCC_DELTA, "recv delta", 0, 0, RILL_RTCP_TWCC_CLAUSE,                                     \
        "how much later than the one before it came, in 250 µs")                                   \
    ROW(TWCC_PADDING, "zero padding", 0, 0, RILL_RTCP_TWCC_CLAUSE, "up to a 32-bit word")          \
    ROW(TMMB_SSRC, "SSRC", 0, 32, "RFC 5104 §4.2.1.1", "whose encoder is to keep to it")           \
    ROW(TMMB_EXP, "MxTBR Exp", 32, 6, "RFC 5104 §4.2.1.1", "two to the power of this, times …")    \
    ROW(TMMB_MANTISSA, "MxTBR Mantissa", 38, 17, "RFC 5104 §4.2.1.1", "… this: bits per second")   \
    ROW(TMMB_OVERHEAD, "Measured Overhead", 55, 9, "RFC 5104 §4.2.1.1",                            \
        "bytes of headers below RTP, of each packet")                                              \
    ROW(CCFB_STREAM, "stream", 0, 0, "RFC 8888 §3.1", "when the packets of one stream arrived")    \
    ROW(CCFB_SSRC, "SSRC", 0, 32, "RFC 8888 §3.1", "which stream")                                 \
    ROW(CCFB_BEGIN, "begin_seq", 32, 16, "RFC 8888 §3.1", "the first packet that is told of")      \
    ROW(CCFB_COUNT, "num_reports", 48, 16, "RFC 8888 §3.1", "how many packets are told of")        \
    ROW(CCFB_R, "R", 0, 1, "RFC 8888 §3.1", "it arrived")                                          \
    ROW(CCFB_ECN, "ECN", 1, 2, "RFC 8888 §3.1", "the mark that it had")                            \
    ROW(CCFB_ATO, "ATO", 3, 13, "RFC 8888 §3.1", "how long before the report, in 1/1024 s")        \
    ROW(CCFB_PADDING, "padding", 0, 16, "RFC 8888 §3.1", "up to a 32-bit word")                    \
    ROW(CCFB_TIME, "Report Timestamp", 0, 32, "RFC 8888 §3.1",                                     \
        "when this was written: 32 bits from the middle of an NTP time")                           \
    ROW(XR_SECONDS, "NTP seconds", 0, 32, "RFC 3611 §4.4", "the receiver's clock")                 \
    ROW(XR_FRACTION, "NTP fraction", 32, 32, "RFC 3611 §4.4", "in 2^-32 s")                        \
    ROW(XR_SSRC, "SSRC", 0, 32, "RFC 3611 §4.5", "to whom this answers")                           \
    ROW(XR_LRR, "last RR", 32, 32, "RFC 3611 §4.5",                                                \
        "the middle of the NTP time of its last receiver reference time")                          \
    ROW(XR_DLRR, "delay since last RR", 64, 32, "RFC 3611 §4.5", "in 1/65536 s")                   \
    ROW(XR_BLOCK, "report block", 0, 0, "RFC 3611 §3", "an extended report")                       \
    ROW(XR_TYPE, "BT", 0, 8, "RFC 3611 §3", "which report")                                        \
    ROW(XR_SPECIFIC, "type-specific", 8, 8, "RFC 3611 §3", "")                                     \
    ROW(XR_LENGTH, "block length", 16, 16, "RFC 3611 §3", "32-bit words behind these")             \
    ROW(XR_DATA, "block contents", 0, 0, "RFC 3611 §3", "")                                        \
    ROW(BODY, "body", 0, 0, "RFC 3550 §6.1", "of a kind that is passed over")                      \
    ROW(PADDING, "padding bytes", 0, 0, "RFC 3550 §6.4.1", "the last byte counts them")            \
    ROW(SRTCP, "encrypted", 0, 0, "RFC 3711 §3.4",                                                 \
        "the packets, then E and the index, then the tag: the keys are needed to read them")

enum rill_rtcp_field {
#define RILL_RTCP_FIELD_ENUM(field, name, bit, bits, clause, sentence) RILL_RTCP_FIELD_##field,
    RILL_RTCP_FIELDS(RILL_RTCP_FIELD_ENUM)
#undef RILL_RTCP_FIELD_ENUM
        RILL_RTCP_FIELD_NONE,
};
const struct rill_field *rill_rtcp_field(enum rill_rtcp_field f);

/* A kind of packet, or of feedback, with its clause and sentence; never NULL. fci: what is behind
 * the two SSRCs, by which REMB is known. */
const struct rill_field *rill_rtcp_kind(uint8_t pt, uint8_t fmt, struct rill_view fci);
/* "CNAME"; NULL when it is not registered. */
const char *rill_rtcp_sdes_name(uint64_t type);
const char *rill_rtcp_xr_name(uint64_t type);

#endif

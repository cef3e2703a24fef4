/* line_fields: the types of RFC 8866 §5, and the attributes by their table. */
#include "sdp/line_fields.h"

#include "sdp/section.h"

#define MANY(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static const struct {
    char type;
    struct rill_field row;
    const char *words[RILL_SDP_WORDS_MAX];
} types[] = {
    {'v', {"v", 0, 0, "RFC 8866 §5.1", "the version of SDP, 0"}, MANY("version")},
    {'o',
     {"o", 0, 0, "RFC 8866 §5.2", "whose description it is, and which of theirs"},
     MANY("username", "sess-id", "sess-version", "nettype", "addrtype", "unicast-address")},
    {'s',
     {"s", 0, 0, "RFC 8866 §5.3", "the session's name; of no meaning in a call"},
     MANY("name")},
    {'i', {"i", 0, 0, "RFC 8866 §5.4", "in words, for people"}, MANY("text")},
    {'u', {"u", 0, 0, "RFC 8866 §5.5", "where more is told"}, MANY("uri")},
    {'e', {"e", 0, 0, "RFC 8866 §5.6", "whom to write to"}, MANY("address")},
    {'p', {"p", 0, 0, "RFC 8866 §5.6", "whom to call"}, MANY("number")},
    {'c',
     {"c", 0, 0, "RFC 8866 §5.7", "where media goes; with ICE the default candidate"},
     MANY("nettype", "addrtype", "connection-address")},
    {'b', {"b", 0, 0, "RFC 8866 §5.8", "how much bandwidth there is"}, MANY("bandwidth")},
    {'t',
     {"t", 0, 0, "RFC 8866 §5.9", "when the session takes place; 0 0: now"},
     MANY("start-time", "stop-time")},
    {'r', {"r", 0, 0, "RFC 8866 §5.10", "when it takes place again"}, MANY("repeats")},
    {'z', {"z", 0, 0, "RFC 8866 §5.11", "time zones"}, MANY("adjustments")},
    {'k', {"k", 0, 0, "RFC 8866 §5.12", "a key in clear; not to be used"}, MANY("key")},
    {'m',
     {"m", 0, 0, "RFC 8866 §5.14",
      "a stream of media: what follows is about it, up to the next m="},
     MANY("media", "port", "proto", "fmt")},
};

static const struct rill_field any_type = {"line", 0, 0, "RFC 8866 §5",
                                           "of a type that is not known"};
static const struct rill_field any_attribute = {
    "a", 0, 0, "RFC 8866 §5.13", "an attribute that is not known; it is passed over"};

static const struct rill_field attributes[] = {
#define RILL_SDP_ATTR_ROW(row, name, form, once, take, clause)                                     \
    [RILL_SDP_ATTR_##row] = {"a=" name, 0, 0, clause, NULL},
    RILL_SDP_ATTRS(RILL_SDP_ATTR_ROW)
#undef RILL_SDP_ATTR_ROW
};

static const struct {
    const char *sentence;
    const char *words[RILL_SDP_WORDS_MAX];
} told[RILL_SDP_ATTR_NONE] = {
    [RILL_SDP_ATTR_GROUP] = {"m-lines that belong together; BUNDLE: over one transport",
                             MANY("semantics", "identification-tags")},
    [RILL_SDP_ATTR_MID] = {"names this m-line", MANY("identification-tag")},
    [RILL_SDP_ATTR_MSID] = {"the stream and the track of JavaScript that this is",
                            MANY("msid-id", "msid-appdata")},
    [RILL_SDP_ATTR_BUNDLE_ONLY] = {"to be used in its BUNDLE group or not at all", {0}},
    [RILL_SDP_ATTR_SENDRECV] = {"media goes both ways", {0}},
    [RILL_SDP_ATTR_SENDONLY] = {"media goes from this side alone", {0}},
    [RILL_SDP_ATTR_RECVONLY] = {"media comes to this side alone", {0}},
    [RILL_SDP_ATTR_INACTIVE] = {"no media for now", {0}},
    [RILL_SDP_ATTR_ICE_UFRAG] = {"the name that connectivity checks to this side carry",
                                 MANY("ufrag")},
    [RILL_SDP_ATTR_ICE_PWD] = {"the password that seals them", MANY("password")},
    [RILL_SDP_ATTR_ICE_OPTIONS] = {"what this side's ICE can do beside the least",
                                   MANY("ice-options")},
    [RILL_SDP_ATTR_ICE_LITE] = {"this side answers checks and makes none", {0}},
    [RILL_SDP_ATTR_CANDIDATE] = {"an address this side may be reached at", {0}},
    [RILL_SDP_ATTR_END_OF_CANDIDATES] = {"there are no more candidates", {0}},
    [RILL_SDP_ATTR_FINGERPRINT] = {"the digest of the certificate that DTLS will show",
                                   MANY("hash-func", "fingerprint")},
    [RILL_SDP_ATTR_SETUP] = {"who is the client of DTLS: active is, passive is not, actpass lets "
                             "the other choose",
                             MANY("role")},
    [RILL_SDP_ATTR_TLS_ID] = {"names the DTLS association; a new one means new keys",
                              MANY("tls-id")},
    [RILL_SDP_ATTR_RTPMAP] = {"which codec a payload type is",
                              MANY("payload type", "encoding name/clock rate")},
    [RILL_SDP_ATTR_FMTP] = {"the codec's parameters", MANY("format", "parameters")},
    [RILL_SDP_ATTR_PTIME] = {"ms of sound in a packet", MANY("packet time")},
    [RILL_SDP_ATTR_MAXPTIME] = {"ms of sound that a packet may have at the most",
                                MANY("maximum packet time")},
    [RILL_SDP_ATTR_RTCP] = {"the port of RTCP, were it not on RTP's",
                            MANY("port", "nettype", "addrtype", "connection-address")},
    [RILL_SDP_ATTR_RTCP_MUX] = {"RTP and RTCP share a port", {0}},
    [RILL_SDP_ATTR_RTCP_MUX_ONLY] = {"and this side can do nothing else", {0}},
    [RILL_SDP_ATTR_RTCP_RSIZE] = {"feedback may come without a report before it", {0}},
    [RILL_SDP_ATTR_RTCP_FB] = {"feedback that may be sent about a payload type",
                               MANY("payload type", "feedback")},
    [RILL_SDP_ATTR_EXTMAP] = {"what a header extension's ID means",
                              MANY("value", "URI", "extension attributes")},
    [RILL_SDP_ATTR_EXTMAP_ALLOW_MIXED] = {"both forms of header extensions may be used", {0}},
    [RILL_SDP_ATTR_SSRC] = {"names a stream before its packets come", MANY("ssrc-id", "attribute")},
    [RILL_SDP_ATTR_SSRC_GROUP] = {"streams that belong together; FID: one repairs the other",
                                  MANY("semantics", "ssrc-ids")},
    [RILL_SDP_ATTR_RID] = {"names an encoding of the picture",
                           MANY("rid-id", "direction", "restrictions")},
    [RILL_SDP_ATTR_IMAGEATTR] = {"sizes of pictures", MANY("payload type", "attributes")},
    [RILL_SDP_ATTR_IDENTITY] = {"who vouches for this side", MANY("assertion")},
    [RILL_SDP_ATTR_REMOTE_CANDIDATES] = {"the candidates that ICE chose", MANY("candidates")},
    [RILL_SDP_ATTR_SIMULCAST] = {"encodings sent and received at the same time",
                                 MANY("direction", "streams")},
    [RILL_SDP_ATTR_SCTP_PORT] = {"the port of SCTP inside DTLS", MANY("port")},
    [RILL_SDP_ATTR_MAX_MESSAGE_SIZE] = {"bytes that a message of a data channel may have",
                                        MANY("size")},
    [RILL_SDP_ATTR_CAT] = {"a category", MANY("category")},
    [RILL_SDP_ATTR_KEYWDS] = {"keywords", MANY("keywords")},
    [RILL_SDP_ATTR_TOOL] = {"what made the description", MANY("tool")},
    [RILL_SDP_ATTR_ORIENT] = {"how a whiteboard is turned", MANY("orientation")},
    [RILL_SDP_ATTR_TYPE] = {"the kind of conference", MANY("type")},
    [RILL_SDP_ATTR_CHARSET] = {"the letters of names", MANY("charset")},
    [RILL_SDP_ATTR_SDPLANG] = {"the language of the description", MANY("language")},
    [RILL_SDP_ATTR_LANG] = {"the language of the media", MANY("language")},
    [RILL_SDP_ATTR_FRAMERATE] = {"pictures a second at the most", MANY("rate")},
    [RILL_SDP_ATTR_QUALITY] = {"0 worst, 10 best", MANY("quality")},
};

static void set_words(struct rill_sdp_line_row *out, const char *const words[RILL_SDP_WORDS_MAX])
{
    for (out->n_words = 0; out->n_words < RILL_SDP_WORDS_MAX && words[out->n_words]; out->n_words++)
        out->words[out->n_words] = words[out->n_words];
}

static void attribute(struct rill_view line, struct rill_sdp_line_row *out, size_t *from)
{
    struct rill_view value;
    bool malformed;
    enum rill_sdp_attr a =
        rill_sdp_attr_find(rill_view_sub(line, 2, line.n - 2), &value, &malformed);
    out->row = any_attribute;
    *from = value.p ? (size_t)(value.p - line.p) : line.n;
    if (a == RILL_SDP_ATTR_NONE)
        return;
    out->row = attributes[a];
    out->row.sentence = told[a].sentence;
    set_words(out, told[a].words);
}

bool rill_sdp_line_row(struct rill_view line, struct rill_sdp_line_row *out, size_t *from)
{
    *out = (struct rill_sdp_line_row){.row = any_type};
    *from = 2;
    if (line.n < 2 || line.p[1] != '=')
        return false;
    if (line.p[0] == 'a')
        attribute(line, out, from);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type != (char)line.p[0])
            continue;
        out->row = types[i].row;
        set_words(out, types[i].words);
    }
    return true;
}

/* opus: how much sound a packet holds, and whether its framing can be (RFC 6716 §3). */
#include "rtp/opus.h"

static const struct rill_field toc_fields[] = {
    {"config", 0, 5, "RFC 6716 §3.1", "mode, bandwidth and frame size"},
    {"stereo", 5, 1, "RFC 6716 §3.1", "two channels"},
    {"code", 6, 2, "RFC 6716 §3.1", "how many frames: 1, 2 equal, 2 unequal, counted"},
    {"v", 8, 1, "RFC 6716 §3.2.5", "code 3: the frames have lengths of their own"},
    {"p", 9, 1, "RFC 6716 §3.2.5", "code 3: padding is at the end"},
    {"M", 10, 6, "RFC 6716 §3.2.5", "code 3: how many frames"},
    {"frames", 8, 0, "RFC 6716 §3.2", "lengths, compressed frames and padding"},
};

const struct rill_field_table rill_opus_toc_fields = {"Opus TOC byte", toc_fields,
                                                      sizeof toc_fields / sizeof toc_fields[0]};

const char *rill_opus_config_name(uint64_t config)
{
    static const char *const names[32] = {
        "SILK NB 10 ms",    "SILK NB 20 ms",    "SILK NB 40 ms",   "SILK NB 60 ms",
        "SILK MB 10 ms",    "SILK MB 20 ms",    "SILK MB 40 ms",   "SILK MB 60 ms",
        "SILK WB 10 ms",    "SILK WB 20 ms",    "SILK WB 40 ms",   "SILK WB 60 ms",
        "hybrid SWB 10 ms", "hybrid SWB 20 ms", "hybrid FB 10 ms", "hybrid FB 20 ms",
        "CELT NB 2.5 ms",   "CELT NB 5 ms",     "CELT NB 10 ms",   "CELT NB 20 ms",
        "CELT WB 2.5 ms",   "CELT WB 5 ms",     "CELT WB 10 ms",   "CELT WB 20 ms",
        "CELT SWB 2.5 ms",  "CELT SWB 5 ms",    "CELT SWB 10 ms",  "CELT SWB 20 ms",
        "CELT FB 2.5 ms",   "CELT FB 5 ms",     "CELT FB 10 ms",   "CELT FB 20 ms",
    };
    return config < 32 ? names[config] : NULL;
}

/* RFC 6716 §3.1, table 2. */
uint16_t rill_opus_frame_samples(uint8_t toc)
{
    static const uint16_t silk[] = {480, 960, 1920, 2880}; /* 10, 20, 40, 60 ms */
    static const uint16_t hybrid[] = {480, 960};           /* 10, 20 ms */
    static const uint16_t celt[] = {120, 240, 480, 960};   /* 2.5, 5, 10, 20 ms */
    unsigned config = toc >> 3;
    if (config < 12)
        return silk[config & 3];
    return config < 16 ? hybrid[config & 1] : celt[config & 3];
}

/* RFC 6716 §3.2.1: 0…251 is the length; 252…255 add four times the next byte. */
static size_t read_length(struct rill_reader *r)
{
    size_t n = rill_r_u8(r);
    return n < 252 ? n : n + (size_t)rill_r_u8(r) * 4;
}

/* RFC 6716 §3.2.5: "If the value is 255, then the size of the additional padding is 254 bytes,
 * plus the padding value encoded in the next byte." */
static size_t read_padding(struct rill_reader *r)
{
    size_t total = 0;
    uint8_t b;
    do {
        b = rill_r_u8(r);
        total += b == 255 ? 254 : b;
    } while (b == 255 && !r->bad);
    return total;
}

/* n bytes are shared by `frames` equal ones. */
static bool shares_evenly(size_t n, size_t frames)
{
    return n % frames == 0 && n / frames <= RILL_OPUS_FRAME_MAX;
}

/* Lengths of all frames but the last, whose own is what remains [R2, R4, R7]. */
static bool lengths_fit(struct rill_reader *r, size_t frames, size_t padding)
{
    size_t sum = padding;
    for (size_t i = 0; i + 1 < frames; i++)
        sum += read_length(r);
    return !r->bad && sum <= rill_r_left(r) && rill_r_left(r) - sum <= RILL_OPUS_FRAME_MAX;
}

/* Everything behind the TOC and frame count bytes; flags is the latter, of a code 3 packet. */
static bool framing_fits(struct rill_reader *r, uint8_t code, size_t frames, uint8_t flags)
{
    if (code < 2)
        return shares_evenly(rill_r_left(r), frames);
    if (code == 2)
        return lengths_fit(r, frames, 0);
    size_t padding = flags & 0x40 ? read_padding(r) : 0;
    if (r->bad || padding > rill_r_left(r))
        return false;
    if (flags & 0x80)
        return lengths_fit(r, frames, padding);
    return shares_evenly(rill_r_left(r) - padding, frames);
}

/* Where the first frame begins: behind the lengths. */
static size_t first_frame(struct rill_view packet, const struct rill_opus_packet *p)
{
    struct rill_reader r = rill_reader_of(packet);
    rill_r_skip(&r, 1);
    uint8_t flags = p->code == 3 ? rill_r_u8(&r) : 0;
    if (flags & 0x40)
        (void)read_padding(&r);
    bool lengths = p->code == 2 || (flags & 0x80);
    for (unsigned i = 0; lengths && i + 1 < p->frames; i++)
        (void)read_length(&r);
    return r.at;
}

/* RFC 6716 §4.2.3 and §4.2.4: a SILK frame begins with a VAD bit for each 20 ms of it and an LBRR
 * flag, of the second channel the same once more; each has the probability one half, so that the
 * range coder leaves them as they are. */
bool rill_opus_has_redundancy(struct rill_view packet)
{
    struct rill_opus_packet p;
    if (rill_opus_parse(packet, &p, NULL) < 0 || p.config >= 16)
        return false;
    size_t at = first_frame(packet, &p);
    unsigned vads = p.frame_samples > 960 ? p.frame_samples / 960 : 1;
    if (at >= packet.n)
        return false;
    unsigned bits = packet.p[at];
    return bits >> (7 - vads) & 1 || (p.stereo && bits >> (6 - 2 * vads) & 1);
}

int rill_opus_parse(struct rill_view packet, struct rill_opus_packet *out, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(packet);
    uint8_t toc = rill_r_u8(&r);
    uint8_t code = toc & 3;
    uint8_t flags = code == 3 ? rill_r_u8(&r) : 0;
    unsigned frames = code == 3 ? flags & 0x3f : code == 0 ? 1 : 2;

    if (packet.n == 0)
        return rill_err_set(&rill_rtp_errors, RILL_OPUS_EMPTY, 0, 0, why);
    if (r.bad || frames == 0)
        return rill_err_set(&rill_rtp_errors, RILL_OPUS_FRAME_COUNT, 1, frames, why);
    unsigned samples = frames * rill_opus_frame_samples(toc);
    if (samples > RILL_OPUS_SAMPLES_MAX)
        return rill_err_set(&rill_rtp_errors, RILL_OPUS_DURATION, 1, samples, why);
    if (!framing_fits(&r, code, frames, flags))
        return rill_err_set(&rill_rtp_errors, RILL_OPUS_FRAMING, r.at, packet.n, why);
    *out = (struct rill_opus_packet){
        .config = toc >> 3,
        .stereo = toc & 4,
        .code = code,
        .frames = (uint8_t)frames,
        .frame_samples = rill_opus_frame_samples(toc),
        .samples = (uint16_t)samples,
    };
    return 0;
}

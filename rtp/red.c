/* red: read and written (RFC 2198 §3). */
#include "rtp/red.h"

static const struct rill_field fields[] = {
    {"F", 0, 1, "RFC 2198 §3", "another block follows this one"},
    {"block PT", 1, 7, "RFC 2198 §3", "the block's payload type"},
    {"timestamp offset", 8, 14, "RFC 2198 §3", "how much older the block is than the packet"},
    {"block length", 22, 10, "RFC 2198 §3", "bytes of the block"},
};

const struct rill_field_table rill_red_fields = {"RED block header", fields,
                                                 sizeof fields / sizeof fields[0]};

/* The headers; how many blocks they announce. */
static int read_headers(struct rill_reader *r, struct rill_red_block *blocks, size_t *lengths,
                        struct rill_err *why)
{
    for (int n = 0; n < RILL_RED_BLOCKS; n++) {
        size_t at = r->at;
        uint8_t first = rill_r_u8(r);
        blocks[n] = (struct rill_red_block){.pt = first & 0x7f};
        if (!r->bad && !(first & 0x80))
            return n + 1;
        uint32_t rest = rill_r_u24(r);
        blocks[n].offset = (uint16_t)(rest >> 10);
        lengths[n] = rest & RILL_RED_LENGTH_MAX;
        if (r->bad)
            return rill_err_set(&rill_rtp_errors, RILL_RED_HEADER, at, r->n, why);
    }
    return rill_err_set(&rill_rtp_errors, RILL_RED_BLOCKS_MANY, r->at, RILL_RED_BLOCKS, why);
}

int rill_red_parse(struct rill_view payload, struct rill_red_block out[RILL_RED_BLOCKS],
                   struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    size_t lengths[RILL_RED_BLOCKS];
    int n = read_headers(&r, out, lengths, why);
    for (int i = 0; i < n; i++) {
        bool primary = i == n - 1;
        size_t at = r.at;
        out[i].data = rill_r_bytes(&r, primary ? rill_r_left(&r) : lengths[i]);
        if (r.bad)
            return rill_err_set(&rill_rtp_errors, RILL_RED_LENGTH, at, lengths[i], why);
    }
    return n;
}

void rill_red_write(struct rill_writer *w, const struct rill_red_block *blocks, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        w->bad = w->bad || blocks[i].data.n > RILL_RED_LENGTH_MAX ||
                 blocks[i].offset > RILL_RED_OFFSET_MAX;
        rill_w_u8(w, 0x80 | (blocks[i].pt & 0x7f));
        rill_w_u24(w, (uint32_t)blocks[i].offset << 10 | (uint32_t)blocks[i].data.n);
    }
    rill_w_u8(w, blocks[n - 1].pt & 0x7f);
    for (size_t i = 0; i < n; i++)
        rill_w_bytes(w, blocks[i].data);
}

/* packet_file: which of the three forms a file has, and the records of the older two.
 *
 *   rtpdump   "#!rtpplay1.0 ADDRESS/PORT\n" | start: s 32, µs 32, address 32, port 16, 16 spare
 *             records: length 16, with these 8 bytes | packet's 16, 0 of RTCP | ms 32 | bytes
 *   pcap      magic 32 | major 16 | minor 16 | 64 spare | snaplen 32 | link 32
 *             records: s 32 | µs or ns 32 | bytes kept 32 | bytes there were 32 | bytes
 */
#include "rtp/packet_file_private.h"

#include <string.h>

#define DUMP_BEGIN "#!rtpplay1.0 "
#define DUMP_LINE_MAX 128
#define DUMP_HEADER 16
#define DUMP_RECORD 8

#define MICROS 0xa1b2c3d4u
#define NANOS 0xa1b23c4du
#define SECTION 0x0a0d0d0au
/* The upper bits tell of a frame check sequence. */
#define LINK_MASK 0x0fffffffu

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_rtp_errors, code, offset, value, why);
}

/* The end, or a record that is none. */
static bool cut(struct rill_packet_file *f)
{
    f->cut = f->at < f->bytes.n;
    return false;
}

/* --- rtpdump ------------------------------------------------------------------------------ */

static int open_dump(struct rill_packet_file *f, struct rill_err *why)
{
    size_t at = 0, line = f->bytes.n < DUMP_LINE_MAX ? f->bytes.n : DUMP_LINE_MAX;
    while (at < line && f->bytes.p[at] != '\n')
        at++;
    if (at == line || f->bytes.n - at - 1 < DUMP_HEADER)
        return refuse(RILL_PACKET_FILE_HEADER, at, 0, why);
    f->kind = RILL_PACKET_FILE_RTPDUMP;
    f->at = at + 1 + DUMP_HEADER;
    return 0;
}

static bool next_dump(struct rill_packet_file *f, struct rill_packet_file_datagram *out)
{
    struct rill_reader r = rill_reader_of(rill_view_sub(f->bytes, f->at, f->bytes.n - f->at));
    size_t size = rill_r_u16(&r), length = rill_r_u16(&r);
    int64_t ms = rill_r_u32(&r);
    if (size < DUMP_RECORD)
        return cut(f);
    struct rill_view bytes = rill_r_bytes(&r, size - DUMP_RECORD);
    if (r.bad)
        return cut(f);
    f->at += size;
    *out = (struct rill_packet_file_datagram){
        .time = ms * 1000, .bytes = bytes, .length = length > bytes.n ? length : bytes.n};
    return true;
}

/* --- pcap --------------------------------------------------------------------------------- */

static uint32_t turned(uint32_t v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static int open_pcap(struct rill_packet_file *f, uint32_t magic, struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(f->bytes);
    f->kind = RILL_PACKET_FILE_PCAP;
    f->little = magic == turned(MICROS) || magic == turned(NANOS);
    bool nanos = magic == NANOS || magic == turned(NANOS);
    rill_r_skip(&r, 20);
    uint32_t link = rill_packet_file_u32(f, &r) & LINK_MASK;
    if (r.bad)
        return refuse(RILL_PACKET_FILE_HEADER, f->bytes.n, 0, why);
    if (!rill_packet_link_is_known(link))
        return refuse(RILL_PACKET_FILE_LINK, 20, link, why);
    f->interfaces[0] =
        (struct rill_packet_file_interface){link, nanos ? 1000000000u : 1000000u, ""};
    f->n_interfaces = 1;
    f->at = r.at;
    return 0;
}

static bool next_pcap(struct rill_packet_file *f, struct rill_view *frame, int64_t *time)
{
    struct rill_reader r = rill_reader_of(rill_view_sub(f->bytes, f->at, f->bytes.n - f->at));
    int64_t seconds = rill_packet_file_u32(f, &r), part = rill_packet_file_u32(f, &r);
    size_t kept = rill_packet_file_u32(f, &r);
    (void)rill_packet_file_u32(f, &r);
    *frame = rill_r_bytes(&r, kept);
    if (r.bad)
        return cut(f);
    f->at += r.at;
    *time = seconds * 1000000 + part * 1000000 / (int64_t)f->interfaces[0].ticks_a_second;
    return true;
}

/* --- all ---------------------------------------------------------------------------------- */

int rill_packet_file_open(struct rill_packet_file *f, struct rill_view bytes, struct rill_err *why)
{
    struct rill_packet_file opened = {.bytes = bytes};
    struct rill_reader r = rill_reader_of(bytes);
    uint32_t magic = rill_r_u32(&r);
    int rc = RILL_PACKET_FILE_KIND;
    if (rill_view_starts(bytes, DUMP_BEGIN))
        rc = open_dump(&opened, why);
    else if (magic == MICROS || magic == NANOS || magic == turned(MICROS) || magic == turned(NANOS))
        rc = open_pcap(&opened, magic, why);
    else if (magic == SECTION)
        rc = rill_packet_file_ng_open(&opened) ? 0 : refuse(RILL_PACKET_FILE_HEADER, 0, 0, why);
    else
        refuse(rc, 0, 0, why);
    if (rc == 0)
        *f = opened;
    return rc;
}

static bool next_frame(struct rill_packet_file *f, uint32_t *link, struct rill_view *frame,
                       int64_t *time)
{
    *link = f->interfaces[0].link;
    return f->kind == RILL_PACKET_FILE_PCAP ? next_pcap(f, frame, time)
                                            : rill_packet_file_ng_next(f, link, frame, time);
}

static bool has_twin(const struct rill_packet_file *f)
{
    bool clear = false;
    for (size_t i = 0; i < f->n_interfaces; i++)
        clear = clear || !strcmp(f->interfaces[i].name, "clear");
    return f->kind == RILL_PACKET_FILE_PCAPNG && clear &&
           !strcmp(f->interfaces[f->interface].name, "wire");
}

bool rill_packet_file_next(struct rill_packet_file *f, struct rill_packet_file_datagram *out)
{
    struct rill_view frame;
    uint32_t link;
    int64_t time;
    if (f->kind == RILL_PACKET_FILE_RTPDUMP)
        return next_dump(f, out);
    while (next_frame(f, &link, &frame, &time)) {
        if (rill_packet_link_udp(link, frame, out)) {
            out->time = time;
            out->has_twin = has_twin(f);
            return true;
        }
        f->passed++;
    }
    return false;
}

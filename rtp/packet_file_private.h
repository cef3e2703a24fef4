/* rtp/packet_file_private: what the readers of the three forms share. */
#ifndef RILL_RTP_PACKET_FILE_PRIVATE_H
#define RILL_RTP_PACKET_FILE_PRIVATE_H

#include "rtp/packet_file.h"

/* Numbers of the byte order that the file's writer had. */
static inline uint16_t rill_packet_file_u16(const struct rill_packet_file *f, struct rill_reader *r)
{
    uint16_t v = rill_r_u16(r);
    if (f->little)
        v = (uint16_t)(v << 8 | v >> 8);
    return v;
}

static inline uint32_t rill_packet_file_u32(const struct rill_packet_file *f, struct rill_reader *r)
{
    uint32_t v = rill_r_u32(r);
    return f->little ? v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24 : v;
}

/* packet_link.c: the UDP payload of a frame; false when there is none, or a part of one. */
bool rill_packet_link_is_known(uint32_t link);
bool rill_packet_link_udp(uint32_t link, struct rill_view frame,
                          struct rill_packet_file_datagram *out);

/* packet_file_ng.c: blocks of pcapng. The next packet's frame; false at the end. */
bool rill_packet_file_ng_open(struct rill_packet_file *f);
bool rill_packet_file_ng_next(struct rill_packet_file *f, uint32_t *link, struct rill_view *frame,
                              int64_t *time);

#endif

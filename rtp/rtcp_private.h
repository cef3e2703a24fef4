/* rtp/rtcp_private: what the rtcp_*.c files share. */
#ifndef RILL_RTP_RTCP_PRIVATE_H
#define RILL_RTP_RTCP_PRIVATE_H

#include "rtp/rtcp.h"

#define RTCP_HEADER 4
#define RTCP_REPORT_BLOCK 24
#define RTCP_SENDER_INFO 20
#define RTCP_SDES_TEXT_MAX 255

/* A refusal that lies `at` bytes into the packet's body. */
static inline int rill_rtcp_refuse(const struct rill_rtcp_packet *p, int code, size_t at,
                                   uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_rtp_errors, code, p->offset + RTCP_HEADER + at, value, why);
}

/* rtcp_write.c: a feedback packet up to its FCI; returns where it begins. Then the FCI, padding to
 * whole words, and the end, which fills in the length. */
size_t rill_rtcp_begin_feedback(struct rill_writer *w, enum rill_rtcp_pt pt, enum rill_rtcp_fmt fmt,
                                uint32_t sender, uint32_t media);
void rill_rtcp_pad_to_word(struct rill_writer *w, size_t at);
void rill_rtcp_end(struct rill_writer *w, size_t at);

#endif

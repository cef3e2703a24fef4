/* rtp/marks: header extensions that say something of a frame (RFC 8285 elements).
 *
 *   audio level        |V|   level 7   |                       -dBov; RFC 6464 §3
 *   capture time       NTP 64 [| clock offset 64, signed]      libwebrtc's abs-capture-time
 *   orientation        |0 0 0 0|C|F|R 2|                       3GPP TS 26.114 §7.4.5
 *   playout delay      | min 12 | max 12 |  of 10 ms           libwebrtc's playout-delay
 */
#ifndef RILL_RTP_MARKS_H
#define RILL_RTP_MARKS_H

#include "base/bytes.h"

struct rill_rtp_level {
    bool voice;
    uint8_t dbov; /* below the loudest there can be, 0 to 127 */
};
struct rill_rtp_capture {
    uint64_t ntp; /* 32.32, by the clock of the capturing end's sender reports */
    bool has_offset;
    int64_t offset; /* 32.32: that clock less the sender's */
};
struct rill_rtp_orientation {
    bool back, flipped;
    uint16_t rotation; /* 0, 90, 180, 270: turned so clockwise it stands upright */
};
/* ms; multiples of 10 up to 40950. */
struct rill_rtp_playout_delay {
    uint16_t min, max;
};

/* False when the value has another size, or cannot be so. */
bool rill_rtp_level_read(struct rill_view value, struct rill_rtp_level *out);
bool rill_rtp_capture_read(struct rill_view value, struct rill_rtp_capture *out);
bool rill_rtp_orientation_read(struct rill_view value, struct rill_rtp_orientation *out);
bool rill_rtp_playout_delay_read(struct rill_view value, struct rill_rtp_playout_delay *out);

/* The value in out, of so many bytes. */
#define RILL_RTP_LEVEL_SIZE 1
#define RILL_RTP_CAPTURE_SIZE 8 /* without an offset */
#define RILL_RTP_ORIENTATION_SIZE 1
#define RILL_RTP_PLAYOUT_DELAY_SIZE 3
void rill_rtp_level_write(const struct rill_rtp_level *v, uint8_t out[RILL_RTP_LEVEL_SIZE]);
void rill_rtp_capture_write(const struct rill_rtp_capture *v, uint8_t out[RILL_RTP_CAPTURE_SIZE]);
void rill_rtp_orientation_write(const struct rill_rtp_orientation *v,
                                uint8_t out[RILL_RTP_ORIENTATION_SIZE]);
/* What is more than there is room for is the most. */
void rill_rtp_playout_delay_write(const struct rill_rtp_playout_delay *v,
                                  uint8_t out[RILL_RTP_PLAYOUT_DELAY_SIZE]);

#endif

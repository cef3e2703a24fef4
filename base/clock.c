#include "base/clock.h"

/* RFC 5905 §6: 70 years, 17 of them leap years, lie between the two eras. */
#define NTP_UNIX_OFFSET_S ((int64_t)2208988800)

uint64_t rill_ntp_from_unix_us(int64_t unix_us)
{
    int64_t seconds = unix_us / RILL_SECOND;
    int64_t rest = unix_us % RILL_SECOND;
    if (rest < 0) {
        rest += RILL_SECOND;
        seconds--;
    }
    uint64_t fraction = ((uint64_t)rest << 32) / (uint64_t)RILL_SECOND;
    return (uint64_t)(uint32_t)(seconds + NTP_UNIX_OFFSET_S) << 32 | fraction;
}

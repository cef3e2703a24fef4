/* fake_card_open: what a test needs to have the card: a configuration of ALSA's that names it. */
#ifndef RILL_TESTS_FAKE_CARD_OPEN_H
#define RILL_TESTS_FAKE_CARD_OPEN_H

#include "tests/capture/fake_card.h"
#include "tests/capture/temp_file.h"

static struct fake_card fake_card;

/* "card" is the card, "plugged" the same behind ALSA's plug, "file" writes and reads files, "null"
 * takes and gives all at once. Call it before anything of ALSA. */
static inline void fake_card_configure(const char *file_out, const char *file_in)
{
    static char text[4096];
    char exe[256] = "", path[600];
    assert_true(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
    *strrchr(exe, '/') = '\0';
    snprintf(text, sizeof text,
             "pcm_type.rill { lib \"%s/../capture/fake_card.so\" }\n"
             "pcm.card { type rill card \"%llx\"\n"
             "  hint { show on description \"The test's own card\" } }\n"
             "pcm.plugged { type plug slave.pcm \"card\" }\n"
             "pcm.slow { type rate slave { pcm \"card\" rate 44100 } }\n"
             "pcm.file { type file slave.pcm \"null\" file \"%s\" infile \"%s\" format \"raw\" }\n",
             exe, (unsigned long long)(uintptr_t)&fake_card, file_out, file_in);
    const char *own = temp_write("asoundrc", rill_view_of(text));
    snprintf(path, sizeof path, "/usr/share/alsa/alsa.conf:%s", own);
    setenv("ALSA_CONFIG_PATH", path, 1);
}

#endif

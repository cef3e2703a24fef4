/* blocks_media: pictures and sound before anybody packs them. */
#include "walk/pages.h"

#include "codec/vp8_header.h"
#include "rtp/opus.h"
#include "walk/show.h"

#include <inttypes.h>

static void vp8_frame(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    struct rill_view frame = w->vp8.frames[0];
    struct rill_vp8_header h;
    if (rill_vp8_header_read(frame, &h, NULL) < 0)
        return;
    fprintf(out, "The first picture, encoded: %zu bytes.\n\n", frame.n);
    show_hex(out, frame, 48);
    fputs("\n| bytes | field | value |\n|---|---|---|\n", out);
    fputs("| `", out);
    show_bytes(out, rill_view_sub(frame, 0, 3), 0);
    fprintf(out,
            "` | frame tag: key frame, version, shown, first partition | %s, %u, %s, %" PRIu32
            " bytes |\n| `",
            h.keyframe ? "yes" : "no", h.version, h.shown ? "yes" : "no", h.first_partition);
    show_bytes(out, rill_view_sub(frame, 3, 3), 0);
    fputs("` | start code | as it must be |\n| `", out);
    show_bytes(out, rill_view_sub(frame, 6, 4), 0);
    fprintf(out, "` | width and height, little-endian | %" PRIu32 " × %" PRIu32 " |\n", h.width,
            h.height);
}

static void opus_frame(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    struct rill_view frame = w->opus.frames[0];
    struct rill_opus_packet p;
    if (rill_opus_parse(frame, &p, NULL) < 0)
        return;
    fprintf(out, "The first 20 ms of sound, encoded: %zu bytes.\n\n", frame.n);
    show_hex(out, frame, 32);
    fputs("\n| bytes | field | value |\n|---|---|---|\n| `", out);
    show_bytes(out, rill_view_sub(frame, 0, 1), 0);
    fprintf(out,
            "` | TOC: config | %u |\n| | TOC: stereo | %s |\n| | TOC: code | %u: %u frame%s |\n"
            "| | so it lasts | %u samples at 48 kHz = %u ms |\n",
            p.config, p.stereo ? "yes" : "no", p.code, p.frames, p.frames == 1 ? "" : "s",
            p.samples, p.samples / 48u);
}

/* The first frames of each clip, as they go to the peer once it is connected. */
static void clips(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    fputs("| frame | picture | sound |\n|---|---|---|\n", out);
    for (size_t i = 0; i < 6; i++)
        fprintf(out, "| %zu | %zu bytes%s | %zu bytes |\n", i, w->vp8.frames[i].n,
                i ? "" : ", a key frame", w->opus.frames[i].n);
}

const struct walk_block walk_media_blocks[] = {
    {.name = "vp8-frame", .show = vp8_frame},
    {.name = "opus-frame", .show = opus_frame},
    {.name = "clips", .show = clips},
    {.name = NULL},
};

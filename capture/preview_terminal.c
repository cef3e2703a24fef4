/* capture/preview_terminal: received pictures as letters and colours, by libchafa.
 *
 * The idea: the picture is drawn from the upper left corner of the terminal, over the one
 * before, as large as the terminal is, one line short so that nothing scrolls. What the
 * terminal can show is told by its environment. */
#include "capture/preview_private.h"

#include "capture/pixels.h"

#include <chafa.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 80
#define LINES 24
/* How much taller than wide a letter is. */
#define LETTER_RATIO 0.5f

struct terminal {
    ChafaTermInfo *info;
    ChafaCanvasMode colours;
    uint8_t *rgb;
    size_t size;
};

/* NO_COLOR and COLORTERM are customs that terminals keep. */
static ChafaCanvasMode colours_of(void)
{
    const char *none = getenv("NO_COLOR"), *rich = getenv("COLORTERM");
    if (none && none[0])
        return CHAFA_CANVAS_MODE_FGBG;
    return rich && rich[0] ? CHAFA_CANVAS_MODE_TRUECOLOR : CHAFA_CANVAS_MODE_INDEXED_240;
}

static bool open_terminal(struct rill_preview *p, const char *title)
{
    (void)title;
    if (!isatty(STDOUT_FILENO))
        return false;
    struct terminal *t = calloc(1, sizeof *t);
    char **environment = g_get_environ();
    if (t)
        t->info = chafa_term_db_detect(chafa_term_db_get_default(), environment);
    g_strfreev(environment);
    if (!t)
        return false;
    t->colours = colours_of();
    p->own = t;
    return true;
}

static void size_of(int *columns, int *lines)
{
    struct winsize size;
    *columns = COLUMNS;
    *lines = LINES;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 && size.ws_row > 1) {
        *columns = size.ws_col;
        *lines = size.ws_row;
    }
    *lines -= 1;
}

static bool make_room(struct terminal *t, const struct rill_image *image)
{
    size_t size = (size_t)image->width * image->height * 3;
    if (t->size >= size)
        return true;
    free(t->rgb);
    t->rgb = malloc(size);
    t->size = t->rgb ? size : 0;
    return t->rgb != NULL;
}

static void show(struct rill_preview *p, const struct rill_image *image)
{
    struct terminal *t = p->own;
    int columns, lines;
    if (!make_room(t, image) || !rill_pixels_to_rgb(image, t->rgb))
        return;
    size_of(&columns, &lines);
    chafa_calc_canvas_geometry((int)image->width, (int)image->height, &columns, &lines,
                               LETTER_RATIO, TRUE, FALSE);
    ChafaSymbolMap *symbols = chafa_symbol_map_new();
    chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_BLOCK | CHAFA_SYMBOL_TAG_SPACE);
    ChafaCanvasConfig *config = chafa_canvas_config_new();
    chafa_canvas_config_set_geometry(config, columns, lines);
    chafa_canvas_config_set_canvas_mode(config, t->colours);
    chafa_canvas_config_set_symbol_map(config, symbols);
    /* Pictures come ten times a second, and nobody counts their pixels. */
    chafa_canvas_config_set_work_factor(config, 0.1f);
    ChafaCanvas *canvas = chafa_canvas_new(config);
    chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGB8, t->rgb, (int)image->width,
                                 (int)image->height, (int)image->width * 3);
    GString *text = chafa_canvas_print(canvas, t->info);
    printf("\033[H%s\n", text->str);
    fflush(stdout);
    g_string_free(text, TRUE);
    chafa_canvas_unref(canvas);
    chafa_canvas_config_unref(config);
    chafa_symbol_map_unref(symbols);
}

static void close_terminal(struct rill_preview *p)
{
    struct terminal *t = p->own;
    chafa_term_info_unref(t->info);
    free(t->rgb);
    free(t);
}

const struct rill_preview_ops rill_preview_terminal = {100 * RILL_MS, open_terminal, show, NULL,
                                                       close_terminal};

/* capture/preview_sdl: received pictures in a window of SDL2.
 *
 * The idea: one window a stream. Its events lie in one queue for all windows, so each looks for
 * those of its own and leaves the others where they are. Signals stay rill's: ^C hangs up. */
#include "capture/preview_private.h"

#include <SDL2/SDL.h>
#include <stdlib.h>

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    uint32_t width, height;
};

static void release(struct window *w)
{
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    free(w);
}

static bool open_window(struct rill_preview *p, const char *title)
{
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    struct window *w = calloc(1, sizeof *w);
    if (!w || SDL_InitSubSystem(SDL_INIT_VIDEO) < 0) {
        free(w);
        return false;
    }
    w->window = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 640, 480,
                                 SDL_WINDOW_RESIZABLE);
    if (w->window)
        w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (w->renderer) {
        p->own = w;
        return true;
    }
    release(w);
    return false;
}

/* The window takes the size of each new size of picture. */
static bool fit(struct window *w, const struct rill_image *image)
{
    if (w->texture && w->width == image->width && w->height == image->height)
        return true;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING,
                                   (int)image->width, (int)image->height);
    w->width = image->width;
    w->height = image->height;
    SDL_SetWindowSize(w->window, (int)image->width, (int)image->height);
    SDL_RenderSetLogicalSize(w->renderer, (int)image->width, (int)image->height);
    return w->texture != NULL;
}

static void show(struct rill_preview *p, const struct rill_image *image)
{
    struct window *w = p->own;
    if (!fit(w, image))
        return;
    SDL_UpdateYUVTexture(w->texture, NULL, image->plane[0], (int)image->stride[0], image->plane[1],
                         (int)image->stride[1], image->plane[2], (int)image->stride[2]);
    SDL_RenderClear(w->renderer);
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

static bool tick(struct rill_preview *p)
{
    struct window *w = p->own;
    SDL_Event events[32];
    bool closed = false;
    SDL_PumpEvents();
    SDL_FlushEvents(SDL_FIRSTEVENT, SDL_WINDOWEVENT - 1);
    SDL_FlushEvents(SDL_WINDOWEVENT + 1, SDL_LASTEVENT);
    int n = SDL_PeepEvents(events, 32, SDL_GETEVENT, SDL_WINDOWEVENT, SDL_WINDOWEVENT);
    for (int i = 0; i < n; i++) {
        if (events[i].window.windowID != SDL_GetWindowID(w->window))
            SDL_PeepEvents(&events[i], 1, SDL_ADDEVENT, 0, 0);
        else if (events[i].window.event == SDL_WINDOWEVENT_CLOSE)
            closed = true;
    }
    if (closed)
        SDL_HideWindow(w->window);
    return !closed;
}

static void close_window(struct rill_preview *p)
{
    release(p->own);
}

const struct rill_preview_ops rill_preview_sdl = {0, open_window, show, tick, close_window};

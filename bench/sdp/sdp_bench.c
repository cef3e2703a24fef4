/* sdp_bench: milliseconds for all that rill does with the largest descriptions: the best of 20. */
#include "tests/sdp/shapes.h"

#include <time.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(void)
{
    static char text[RILL_SDP_TEXT_MAX];
    size_t bytes = 3 * rill_sdp_arena_size(RILL_SDP_TEXT_MAX);
    void *block = malloc(bytes);
    if (!block)
        return 1;
    for (size_t i = 0; i < N_SHAPES; i++) {
        size_t length = shape_text(&shapes[i], shapes[i].n, text, sizeof text);
        double best = 1e9;
        int rc = 0;
        for (int k = 0; k < 20; k++) {
            double from = now_ms();
            rc = shape_all(rill_view_at(text, length), block, bytes);
            double took = now_ms() - from;
            best = took < best ? took : best;
        }
        printf("%-30s %6zu bytes %8.3f ms%s\n", shapes[i].name, length, best,
               rc < 0 ? "  refused" : "");
    }
    free(block);
    return 0;
}

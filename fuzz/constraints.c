/* fuzz constraints: any text as constraints and as the options of a source. What is accepted is
 * met by what SelectSettings chooses. */
#include "capture/constraints.h"
#include "capture/options.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static const struct rill_mode modes[] = {
    {.width = {640, 640, 1}, .height = {480, 480, 1}, .slowest = {30, 1}, .fastest = {30, 1}},
    {.width = {32, 1920, 16}, .height = {16, 1080, 8}, .slowest = {1, 1}, .fastest = {60, 1}},
};
static const struct rill_capabilities devices[] = {
    {.modes = modes, .n_modes = 1, .resizes = true, .facing_mode = RILL_FACING_USER},
    {.modes = modes, .n_modes = 2, .resizes = false, .device_id = "a"},
    {.sample_rate_hz = {8000, 48000, 1}, .channel_count = {1, 2, 1}, .processing = true},
};

static void choose(const struct rill_constraints *c)
{
    struct rill_selection s;
    struct rill_err why = {0};
    int rc = rill_select_settings(c, devices, 3, &s, &why);
    require(rc == 0 || (why.row && why.row->code == rc));
    if (rc < 0)
        return;
    double distance = rill_fitness_distance(c->basic, &s.settings);
    require(!isinf(distance) && fabs(distance - s.distance) < 1e-9);
    require(s.device < 3 && (s.device == 2 || s.mode < devices[s.device].n_modes));
    require(s.settings.channel_count > 0 ||
            (s.settings.width > 0 && s.settings.height > 0 && s.settings.rate_numerator > 0 &&
             s.settings.rate_denominator > 0 && s.native.width >= s.settings.width &&
             s.native.height >= s.settings.height));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_constraints c;
    struct rill_source_options o;
    struct rill_err why = {0};
    struct rill_view text = rill_view_at(data, n);
    if (rill_constraints_read(text, &c, &why) == 0)
        choose(&c);
    else
        require(why.offset <= n);
    for (int set = RILL_OPTIONS_TESTSRC; set <= RILL_OPTIONS_MICROPHONE; set++)
        if (rill_options_read(text, (enum rill_option_set)set, &o, &why) == 0)
            choose(&o.constraints);
        else
            require(why.offset <= n);
    return 0;
}

#include "capture/voice.h"

#include "base/clock.h"

#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 960
#define RATE_HZ 48000
/* How long a room answers: 200 ms. */
#define TAIL 9600
/* The filter looks back, never ahead: what was played is taken this much early, since both
 * times are known to some milliseconds only. */
#define EARLY (10 * RILL_MS)
/* Peaks of speech come to a quarter of full scale; silence is not raised without end. */
#define GAIN_LEVEL 8000.0f
#define GAIN_MAX_DB 30
#define NOISE_DB (-30)

struct ear {
    SpeexEchoState *echo;
    SpeexPreprocessState *clean;
};

struct rill_voice {
    uint8_t channels;
    struct rill_echo *played;
    struct ear ears[2];
    bool cancel, suppress, gain;
};

static bool open_ear(struct ear *ear)
{
    int rate = RATE_HZ;
    ear->echo = speex_echo_state_init(BLOCK, TAIL);
    ear->clean = speex_preprocess_state_init(BLOCK, RATE_HZ);
    if (!ear->echo || !ear->clean)
        return false;
    speex_echo_ctl(ear->echo, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    return true;
}

static void close_ear(struct ear *ear)
{
    if (ear->echo)
        speex_echo_state_destroy(ear->echo);
    if (ear->clean)
        speex_preprocess_state_destroy(ear->clean);
}

struct rill_voice *rill_voice_new(uint8_t channels, struct rill_echo *echo)
{
    struct rill_voice *v = calloc(1, sizeof *v);
    if (!v)
        return NULL;
    v->channels = channels;
    v->played = echo;
    for (unsigned i = 0; i < channels; i++) {
        if (!open_ear(&v->ears[i])) {
            rill_voice_free(v);
            return NULL;
        }
    }
    return v;
}

void rill_voice_free(struct rill_voice *v)
{
    if (!v)
        return;
    for (int i = 0; i < 2; i++)
        close_ear(&v->ears[i]);
    free(v);
}

void rill_voice_apply(struct rill_voice *v, const struct rill_settings *settings)
{
    int suppress = settings->noise_suppression, gain = settings->auto_gain_control;
    int noise_db = NOISE_DB, gain_db = GAIN_MAX_DB;
    float level = GAIN_LEVEL;
    v->cancel = settings->echo_cancellation && v->played;
    v->suppress = settings->noise_suppression;
    v->gain = settings->auto_gain_control;
    for (unsigned i = 0; i < v->channels; i++) {
        SpeexPreprocessState *clean = v->ears[i].clean;
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_DENOISE, &suppress);
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &noise_db);
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_AGC, &gain);
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_AGC_LEVEL, &level);
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, &gain_db);
        /* What the filter leaves of the echo is suppressed with the noise. */
        speex_preprocess_ctl(clean, SPEEX_PREPROCESS_SET_ECHO_STATE,
                             v->cancel ? v->ears[i].echo : NULL);
    }
}

static void run_ear(struct rill_voice *v, struct ear *ear, int16_t *samples, const int16_t *heard)
{
    int16_t left[BLOCK];
    if (v->cancel) {
        speex_echo_cancellation(ear->echo, samples, heard, left);
        memcpy(samples, left, sizeof left);
    }
    if (v->suppress || v->gain || v->cancel)
        speex_preprocess_run(ear->clean, samples);
}

void rill_voice_run(struct rill_voice *v, struct rill_pcm *pcm)
{
    int16_t one[BLOCK], heard[BLOCK];
    if (v->cancel)
        rill_echo_heard(v->played, pcm->time + EARLY, heard, BLOCK);
    for (unsigned c = 0; c < v->channels && pcm->frames == BLOCK; c++) {
        for (size_t i = 0; i < BLOCK; i++)
            one[i] = pcm->samples[i * v->channels + c];
        run_ear(v, &v->ears[c], one, heard);
        for (size_t i = 0; i < BLOCK; i++)
            pcm->samples[i * v->channels + c] = one[i];
    }
}

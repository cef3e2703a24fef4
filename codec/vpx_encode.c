/* codec/vpx_encode: VP8 and VP9 for conversation, by libvpx.
 *
 * The idea: settings for one thing only, a picture now at a steady bitrate. No frame waits
 * for a later one (no lag), each can be lost (error resilient), key frames come when asked
 * for, and a frame that would overfill the line is dropped rather than delayed. */
#include "base/clock.h"
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

/* -6 to -12 is where speed rises and quality hardly falls; below, both get worse. */
#define CPU_USED (-6)
/* Of VP9 the real-time speeds are 5 to 8. */
#define VP9_CPU_USED 7
#define VP9_AQ_CYCLIC 3u
/* Key frames are asked for (RFC 4585 §6.3.1); unasked ones are this many frames apart at most. */
#define KEYFRAME_DISTANCE 3000
/* What the rate control may owe, in ms of bitrate. */
#define BUFFER_MS 1000
#define BUFFER_INITIAL_MS 500
#define BUFFER_OPTIMAL_MS 600
/* Below this share of the buffer frames are dropped. */
#define DROP_PERCENT 30

struct rill_vpx_encoder {
    vpx_codec_ctx_t vpx;
    vpx_codec_enc_cfg_t settings;
    struct rill_vpx_encoder_config config;
    bool open;
    bool has_time;
    int64_t time;
};

static uint32_t kilobits(uint32_t bitrate_bps)
{
    return bitrate_bps < 1000 ? 1 : bitrate_bps / 1000;
}

static int64_t interval(const struct rill_vpx_encoder_config *c)
{
    int64_t us = RILL_SECOND * c->rate_denominator / c->rate_numerator;
    return us > 0 ? us : 1;
}

static void choose_settings(vpx_codec_enc_cfg_t *s, const struct rill_vpx_encoder_config *c)
{
    s->g_w = c->width;
    s->g_h = c->height;
    s->g_threads = 1;
    s->g_timebase = (vpx_rational_t){1, (int)RILL_SECOND};
    s->g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
    s->g_lag_in_frames = 0;
    s->g_pass = VPX_RC_ONE_PASS;
    s->rc_end_usage = VPX_CBR;
    s->rc_target_bitrate = kilobits(c->bitrate_bps);
    s->rc_dropframe_thresh = DROP_PERCENT;
    s->rc_resize_allowed = 0;
    s->rc_min_quantizer = 2;
    s->rc_max_quantizer = 56;
    s->rc_undershoot_pct = 100;
    s->rc_overshoot_pct = 15;
    s->rc_buf_sz = BUFFER_MS;
    s->rc_buf_initial_sz = BUFFER_INITIAL_MS;
    s->rc_buf_optimal_sz = BUFFER_OPTIMAL_MS;
    s->kf_mode = VPX_KF_AUTO;
    s->kf_max_dist = KEYFRAME_DISTANCE;
}

/* A key frame may take a third of the optimal buffer, in percent of one frame's share: 200 ms of
 * the bit rate, so that the pacer has sent it, and no queue stands behind it, before a fifth of a
 * second is over. */
static unsigned keyframe_percent(const struct rill_vpx_encoder_config *c)
{
    uint64_t share = (uint64_t)BUFFER_OPTIMAL_MS / 3 * c->rate_numerator / c->rate_denominator / 10;
    return share < 300 ? 300 : share > 10000 ? 10000 : (unsigned)share;
}

static vpx_codec_err_t set_vp9_controls(vpx_codec_ctx_t *vpx,
                                        const struct rill_vpx_encoder_config *c)
{
    vpx_codec_err_t rc = vpx_codec_control(vpx, VP8E_SET_CPUUSED, VP9_CPU_USED);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP9E_SET_AQ_MODE, VP9_AQ_CYCLIC);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP8E_SET_STATIC_THRESHOLD, 1u);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP8E_SET_MAX_INTRA_BITRATE_PCT, keyframe_percent(c));
    return rc;
}

static vpx_codec_err_t set_vp8_controls(vpx_codec_ctx_t *vpx,
                                        const struct rill_vpx_encoder_config *c)
{
    vpx_codec_err_t rc = vpx_codec_control(vpx, VP8E_SET_CPUUSED, CPU_USED);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP8E_SET_STATIC_THRESHOLD, 1u);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP8E_SET_TOKEN_PARTITIONS, (int)VP8_ONE_TOKENPARTITION);
    if (rc == VPX_CODEC_OK)
        rc = vpx_codec_control(vpx, VP8E_SET_MAX_INTRA_BITRATE_PCT, keyframe_percent(c));
    return rc;
}

static int start(struct rill_vpx_encoder *e)
{
    const struct rill_vpx_encoder_config *c = &e->config;
    bool vp9 = c->codec == RILL_CODEC_VP9;
    vpx_codec_iface_t *iface = vp9 ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
    if (!vp9 && c->codec != RILL_CODEC_VP8)
        return RILL_CODEC_VPX_ENCODER;
    if (c->width == 0 || c->height == 0 || c->rate_numerator == 0 || c->rate_denominator == 0)
        return RILL_CODEC_VPX_ENCODER;
    if (vpx_codec_enc_config_default(iface, &e->settings, 0) != VPX_CODEC_OK)
        return RILL_CODEC_VPX_ENCODER;
    choose_settings(&e->settings, c);
    if (vpx_codec_enc_init(&e->vpx, iface, &e->settings, 0) != VPX_CODEC_OK)
        return RILL_CODEC_VPX_ENCODER;
    e->open = true;
    vpx_codec_err_t rc = vp9 ? set_vp9_controls(&e->vpx, c) : set_vp8_controls(&e->vpx, c);
    return rc == VPX_CODEC_OK ? 0 : RILL_CODEC_VPX_ENCODER;
}

static void stop(struct rill_vpx_encoder *e)
{
    if (e->open)
        vpx_codec_destroy(&e->vpx);
    e->open = false;
}

int rill_vpx_encoder_new(const struct rill_vpx_encoder_config *config,
                         struct rill_vpx_encoder **out)
{
    struct rill_vpx_encoder *e = calloc(1, sizeof *e);
    if (!e)
        return RILL_CODEC_VPX_ENCODER;
    e->config = *config;
    if (e->config.codec == RILL_CODEC_NONE)
        e->config.codec = RILL_CODEC_VP8;
    int rc = start(e);
    if (rc < 0) {
        rill_vpx_encoder_free(e);
        return rc;
    }
    *out = e;
    return 0;
}

void rill_vpx_encoder_free(struct rill_vpx_encoder *e)
{
    if (!e)
        return;
    stop(e);
    free(e);
}

/* libvpx has had faults where an encoder was resized in place (CVE-2023-44488 and its kin):
 * another size gets another encoder, which begins with a key frame. */
static int follow_size(struct rill_vpx_encoder *e, const struct rill_image *image)
{
    if (e->open && image->width == e->config.width && image->height == e->config.height)
        return 0;
    stop(e);
    e->config.width = image->width;
    e->config.height = image->height;
    return start(e);
}

/* libvpx's view of our pixels; it only reads them. */
static vpx_image_t view_of(const struct rill_image *image)
{
    vpx_image_t v = {
        .fmt = VPX_IMG_FMT_I420,
        .w = image->width,
        .h = image->height,
        .bit_depth = 8,
        .d_w = image->width,
        .d_h = image->height,
        .x_chroma_shift = 1,
        .y_chroma_shift = 1,
        .bps = 12,
    };
    for (int i = 0; i < 3; i++) {
        v.planes[i] = image->plane[i];
        v.stride[i] = (int)image->stride[i];
    }
    return v;
}

static int take_packet(struct rill_vpx_encoder *e, const struct rill_image *image,
                       struct rill_frame *out)
{
    vpx_codec_iter_t at = NULL;
    const vpx_codec_cx_pkt_t *p;
    while ((p = vpx_codec_get_cx_data(&e->vpx, &at)) != NULL) {
        if (p->kind != VPX_CODEC_CX_FRAME_PKT)
            continue;
        bool key = (p->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
        *out = (struct rill_frame){
            .kind = RILL_VIDEO,
            .codec = e->config.codec,
            .bytes = rill_view_at(p->data.frame.buf, p->data.frame.sz),
            .time = image->time,
            .keyframe = key,
            .width = key ? image->width : 0,
            .height = key ? image->height : 0,
        };
        return 1;
    }
    return 0;
}

int rill_vpx_encode(struct rill_vpx_encoder *e, const struct rill_image *image, bool keyframe,
                    struct rill_frame *out)
{
    if (e->has_time && image->time <= e->time)
        return RILL_CODEC_VPX_TIME;
    int rc = follow_size(e, image);
    if (rc < 0)
        return rc;
    e->has_time = true;
    e->time = image->time;
    vpx_image_t view = view_of(image);
    vpx_enc_frame_flags_t flags = keyframe ? VPX_EFLAG_FORCE_KF : 0;
    unsigned long length = (unsigned long)interval(&e->config);
    if (vpx_codec_encode(&e->vpx, &view, image->time, length, flags, VPX_DL_REALTIME) !=
        VPX_CODEC_OK)
        return RILL_CODEC_VPX_ENCODER;
    return take_packet(e, image, out);
}

void rill_vpx_encoder_set_bitrate(struct rill_vpx_encoder *e, uint32_t bitrate_bps)
{
    e->config.bitrate_bps = bitrate_bps;
    e->settings.rc_target_bitrate = kilobits(bitrate_bps);
    if (e->open)
        vpx_codec_enc_config_set(&e->vpx, &e->settings);
}

int rill_vpx_encoder_qp(struct rill_vpx_encoder *e)
{
    int qp = -1;
    if (e->open && e->has_time && vpx_codec_control(&e->vpx, VP8E_GET_LAST_QUANTIZER, &qp))
        qp = -1;
    return qp;
}

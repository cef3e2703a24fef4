/* peer/inputs: what the trace hears of each verb, one function a verb: it is called with these
 * arguments, now. */
#ifndef RILL_PEER_INPUTS_H
#define RILL_PEER_INPUTS_H

#include "peer/peer.h"

void rill_peer_input_config(const struct rill_peer_config *c);
void rill_peer_input_interface(const struct rill_peer *x, int64_t now, const struct rill_addr *addr,
                               bool up);
void rill_peer_input_stun_server(const struct rill_peer *x, const struct rill_addr *server);
void rill_peer_input_await_servers(const struct rill_peer *x, int64_t now, bool awaited);
void rill_peer_input_turn_resolved(const struct rill_peer *x, int64_t now, size_t turn,
                                   const struct rill_addr *addrs, size_t n);
void rill_peer_input_resolved(const struct rill_peer *x, int64_t now, struct rill_view name,
                              const struct rill_addr *addrs, size_t n);
void rill_peer_input_opened(const struct rill_peer *x, int64_t now, uint32_t request,
                            uint32_t socket, const struct rill_addr *local);
void rill_peer_input_open_failed(const struct rill_peer *x, int64_t now, uint32_t request);
void rill_peer_input_accepted(const struct rill_peer *x, int64_t now, uint32_t listener,
                              uint32_t socket, const struct rill_addr *remote);
void rill_peer_input_stream_closed(const struct rill_peer *x, int64_t now, uint32_t socket);
void rill_peer_input_unreachable(const struct rill_peer *x, int64_t now,
                                 const struct rill_path *path);
void rill_peer_input_discarded(const struct rill_peer *x, int64_t now, const struct rill_path *path,
                               struct rill_view datagram);
void rill_peer_input_datagram(const struct rill_peer *x, int64_t now, int64_t arrived,
                              const struct rill_path *path);
void rill_peer_input_add_track(const struct rill_peer *x, enum rill_codec_id codec,
                               const char *stream_id, const char *track_id);
void rill_peer_input_add_transceiver(const struct rill_peer *x, enum rill_codec_id codec,
                                     enum rill_sdp_direction direction, const char *stream_id,
                                     const char *track_id,
                                     const struct rill_peer_encoding *encodings, size_t n);
void rill_peer_input_set_encoding(const struct rill_peer *x, int64_t now, int transceiver,
                                  size_t index, const struct rill_peer_encoding *to);
void rill_peer_input_choose_encoding(const struct rill_peer *x, int transceiver, int index);
void rill_peer_input_remove_track(const struct rill_peer *x, int transceiver);
void rill_peer_input_replace_track(const struct rill_peer *x, int transceiver,
                                   enum rill_codec_id codec, const char *track_id);
void rill_peer_input_set_direction(const struct rill_peer *x, int transceiver,
                                   enum rill_sdp_direction direction);
void rill_peer_input_stop(const struct rill_peer *x, int transceiver);
void rill_peer_input_codec_preferences(const struct rill_peer *x, int transceiver,
                                       const enum rill_codec_id *codecs, size_t n);
void rill_peer_input_restart_ice(const struct rill_peer *x);
void rill_peer_input_create(const struct rill_peer *x, int64_t now, bool offer, size_t size);
void rill_peer_input_description(const struct rill_peer *x, int64_t now, bool local,
                                 enum rill_peer_sdp_type type, struct rill_view text);
void rill_peer_input_candidate(const struct rill_peer *x, int64_t now, struct rill_view candidate,
                               struct rill_view mid, int mline, struct rill_view ufrag);
void rill_peer_input_frame(const struct rill_peer *x, int64_t now, int track,
                           const struct rill_frame *f);
void rill_peer_input_dtmf(const struct rill_peer *x, int64_t now, int track, const char *tones,
                          int64_t duration, int64_t gap);
void rill_peer_input_most(const struct rill_peer *x, uint64_t most_bps);
void rill_peer_input_playout_delay(const struct rill_peer *x, int transceiver, uint16_t min_ms,
                                   uint16_t max_ms);
void rill_peer_input_tick(const struct rill_peer *x, int64_t now);
void rill_peer_input_output(const struct rill_peer *x, int64_t now, size_t size);
void rill_peer_input_event(const struct rill_peer *x);
void rill_peer_input_close(const struct rill_peer *x, int64_t now);

#endif

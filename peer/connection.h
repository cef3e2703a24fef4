/* peer/connection: the parts of a peer connection, and which file knows them.
 *
 *   jsep          descriptions and the signaling state        jsep, agreement, candidates
 *   transceivers  what the app wants, and of which m-line     transceivers, mlines,
 *                                                             negotiation, numbers, encodings
 *   transports    each of one BUNDLE group or m-line          transports, restart
 *                 ICE → DTLS → SRTP                           transport, association
 *   tracks        what we send                                tracks, send, pacer, padding,
 *                                                             redundancy, tones, marks
 *   lines         what both agreed                            lines, received, receive, choose,
 *                                                             reports, rtcp, feedback
 *   the verbs     datagrams, time, and what the port tells    peer, port
 *   congestion    what the path carries                       congestion, repair, remb
 *   notes         events that wait for rill_peer_event        events, states
 *   the trace     what comes and goes, verb by verb           traced, inputs
 *
 * A transceiver, its track (the sending half) and its line (what was agreed, and the receiving
 * half) are three rows with one index. This header names the parts; who looks into one includes
 * the header of its file.
 */
#ifndef RILL_PEER_CONNECTION_H
#define RILL_PEER_CONNECTION_H

#include "peer/events.h"
#include "peer/jsep.h"
#include "peer/pacer.h"
#include "peer/queued.h"

struct rill_peer_line;
struct rill_peer_receiver;
struct rill_peer_sender;
struct rill_peer_track;
struct rill_peer_transceiver;
struct rill_peer_transport;

#define RILL_PEER_CNAME 16 /* RFC 7022 §5: 96 random bits and more */
/* SSRCs that come in the life of a call: who stops and starts tracks has new ones each time. */
#define RILL_PEER_SRTP_STREAMS RILL_SRTP_STREAMS_MAX
#define RILL_PEER_SRTP_SPARE 8
/* SRTP bounds the streams that come; the descriptions may name a few more. */
#define RILL_PEER_STREAMS (RILL_PEER_SRTP_STREAMS + RILL_TRACKS_MAX)
#define RILL_PEER_SERVERS 4
#define RILL_PEER_INTERFACES 16
#define RILL_PEER_CONFLICTS 4

enum rill_peer_closing {
    RILL_PEER_OPEN,
    RILL_PEER_SAYING_BYE,
    RILL_PEER_SAYING_NOTIFY,
    RILL_PEER_GONE,
};

/* RFC 9143 §9.2: the incoming SSRC mapping table. */
struct rill_peer_stream {
    uint32_t ssrc;
    size_t line;
    size_t in;  /* of the line's */
    bool heard; /* else it was only named: by a=ssrc */
};

struct rill_peer {
    struct rill_peer_config config;
    int64_t now;           /* the latest instant seen */
    int64_t arrived;       /* when the datagram at hand came */
    uint64_t packets;      /* datagrams in and out, for the trace */
    uint32_t ssrc;         /* of reports where we send nothing */
    struct rill_addr from; /* where the datagram at hand came from */
    /* RFC 3550 §8.2: "the list of conflicting data or control source transport addresses". */
    struct rill_peer_conflict {
        struct rill_addr addr;
        int64_t at;
    } conflicts[RILL_PEER_CONFLICTS];
    char cname[RILL_PEER_CNAME];
    struct rill_peer_jsep jsep;
    struct rill_peer_transport *transports;
    enum rill_peer_closing closing;
    bool gathering_done;           /* of all transports, and told */
    enum rill_ice_state ice_state; /* of all transports, as told last */
    struct rill_addr *interfaces;  /* for agents that begin later; and the servers */
    size_t n_interfaces;
    struct rill_addr servers[RILL_PEER_SERVERS];
    size_t n_servers;
    bool awaits_servers;
    struct rill_peer_turn_addrs {
        struct rill_addr addrs[RILL_ICE_TURN_ADDRESSES];
        size_t n;
    } * turn_addrs;           /* those that came by name */
    struct rill_span secrets; /* what config.turn's views point into */
    struct rill_peer_transceiver *transceivers;
    struct rill_peer_track *tracks;
    size_t n_tracks;                       /* rows of transceivers and tracks that have been used */
    struct rill_peer_sender *more_senders; /* config.encodings_sent */
    struct rill_peer_line *lines;
    size_t n_lines;                            /* rows behind which no line is active */
    struct rill_peer_receiver *more_receivers; /* config.encodings_received */
    struct rill_peer_stream streams[RILL_PEER_STREAMS];
    size_t n_streams;
    struct rill_peer_pacer pacer;
    struct rill_peer_queued queued; /* what of it was told */
    uint64_t most_bps;              /* what the app could use; 0: it has not said */
    uint64_t told_bps;              /* the target the app knows */
    struct rill_peer_notes notes;
    enum rill_peer_connection_state state;
    int error; /* why the state is failed */
    uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
    uint64_t dropped_unvalidated, dropped_srtp, dropped_other;
};

#endif

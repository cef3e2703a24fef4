/* call_usage: what `rill call --help` says, a string a line. */
#include "apps/call.h"
#include "apps/ip_handling.h"

#include <stdio.h>

static const char *const lines[] = {
    "usage: rill call [options] URL",
    "",
    "Makes a call through the signaling server at URL (https://HOST:PORT/?room=NAME, http:,",
    "wss:, ws:), or answers one that waits there.",
    "",
    "  --name N          our name at the server (default: rill- and a number)",
    "  --password P      the server's password",
    "  --signaling HOW   auto (ws, and where that is not spoken socketio), ws, socketio",
    "  --ca FILE         CAs to believe, beside the system's, rill's own and mkcert's",
    "  --insecure        do not ask who the server is",
    "  --as ROLE         auto (answer a waiting offer, else offer), offerer, answerer",
    "  --negotiation HOW passive (answer the other side's offers in mid-call), polite,",
    "                    impolite",
    "                    (make some too; who is polite gives way when two cross; when the",
    "                    connection is disconnected for 3 s, ICE is restarted)",
    "  -i SOURCE         testsrc, sine[:frequency=HZ], FILE.y4m, FILE.ivf, FILE.wav,",
    "                    FILE.opus, video (a camera), /dev/video0, audio (a microphone),",
    "                    alsa:NAME, x11:0[+X,Y] (the screen), clone:N (the Nth -i once",
    "                    more); repeat for more (default: testsrc and sine).",
    "                    Constraints follow a colon: video:width=1280,frameRate.min=25",
    "  -s WxH -r FPS -b:v BITS -b:a BITS -c:v vp8|copy -loop 0|1 -re",
    "                    for the next -i, as with ffmpeg",
    "  -sendEncodings N|LIST",
    "                    simulcast of the next -i: N encodings, each half of the one after it;",
    "                    or rid=h,maxBitrate=900k;rid=l,scaleResolutionDownBy=4,active=false",
    "  --optional        a source that cannot be had is left out",
    "  --at SECONDS:TRACK:DO",
    "                    so long after media began: replace=SOURCE, constrain=CONSTRAINTS,",
    "                    setParameters=ENCODING (as in LIST), disable, enable, stop; tracks",
    "                    count from 0 in the order of -i",
    "  --at SECONDS:restart",
    "                    restart ICE (polite or impolite alone), in ascending order",
    "  -o FILE|DIR       keep what is received; repeat for more: .webm and .mkv as it came,",
    "                    .ivf and .ogg its pictures and its sound, .wav and .y4m decoded,",
    "                    frame-%03d.png each picture, .png the last; a DIR gets video.ivf,",
    "                    audio.ogg and last-frame.png. alsa:NAME plays the sound",
    "  --play[=NAME]     play the sound: -o alsa:NAME (default: default)",
    "  --preview HOW     show the pictures: sdl (a window), terminal, none",
    "  -t SECONDS        hang up so long after CONNECTED!! (default: on ^C)",
    "  --timeout SECONDS give up when not connected by then (default: 60, 0 never)",
    "  --congestion HOW  who says how much is sent: gcc (default), nada, off",
    "  --stun URL        a STUN server, stun:HOST[:PORT]; repeat for more",
    "  --turn URL        a TURN server, turn:[USER:PASS@]HOST[:PORT][?transport=udp|tcp] or",
    "                    turns:; credentials also from $RILL_TURN_USERNAME and",
    "                    $RILL_TURN_PASSWORD; repeat for more",
    "  --ice-policy P    all, or relay: nothing passes outside the TURN servers",
    "  --ice-tcp HOW     off, on (active and passive candidates beside UDP's; the default), so",
    "                    (simultaneous-open ones too), only (no UDP)",
    "  --ice-lite        be a lite agent: answer checks, make none; for a machine that everybody",
    "                    can reach; takes no --stun and no --turn",
    "  --ice-loopback    use loopback addresses too",
    RILL_IP_HANDLING_HELP,
    "  --seed N          entropy from a seed: a call that can be repeated, not a secret one",
    "  --why             at the end tell each server and pair tried, and the likely cause",
    "                    when one fails; a call that fails tells it, SIGUSR1 at any time",
    "  --json            one event a line, as JSON",
    "  -v, --verbose     every trace event on standard error",
    "",
    "example: rill call --ice-loopback -i testsrc -i sine -o out -t 5 https://localhost:8181/",
};

void call_usage(FILE *out)
{
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        fprintf(out, "%s\n", lines[i]);
}

"""One end of a call by GStreamer's webrtcbin: the screen to VP8 and out, or in and decoded.

webrtcbin.py send DISPLAY WIDTH HEIGHT RATE BITRATE | receive [DISPLAY]
With a DISPLAY what is received is shown there, as soon as it is there.
Descriptions and candidates are JSON lines on standard input and output. An empty line ends it;
then its figures are the last line: CPU and wall-clock seconds and frames since it has settled,
and the most memory it had, in KiB.
"""
import json
import resource
import sys
import threading
import time

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstSdp', '1.0')
gi.require_version('GstWebRTC', '1.0')
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
loop = GLib.MainLoop()
SETTLED = 30  # pictures that do not count: until it is connected the first ones wait
frames = 0
began = None


def cpu():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def say(message):
    print(json.dumps(message), flush=True)


def count(pad, info):
    global frames, began
    frames += 1
    if frames == SETTLED:
        began = (time.monotonic(), cpu())
    return Gst.PadProbeReturn.OK


def set_local(promise, kind):
    reply = promise.get_reply()  # what it gives lives as long as it does
    description = reply.get_value(kind)
    webrtc.emit('set-local-description', description, None)
    say({'type': kind, 'sdp': description.sdp.as_text()})


def on_pad(_, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    sink = f'videoconvert n-threads=1 ! ximagesink name=end sync=false display={sys.argv[2]}' if len(sys.argv) > 2 else 'fakesink name=end sync=false'
    tail = Gst.parse_bin_from_description(f'rtpvp8depay ! vp8dec threads=1 ! {sink}', True)
    pipeline.add(tail)
    tail.get_by_name('end').get_static_pad('sink').add_probe(Gst.PadProbeType.BUFFER, count)
    tail.sync_state_with_parent()
    pad.link(tail.sinkpads[0])


def take(message):
    if 'candidate' in message:
        webrtc.emit('add-ice-candidate', message['mline'], message['candidate'])
        return
    _, text = GstSdp.SDPMessage.new_from_text(message['sdp'])
    kind = {'offer': GstWebRTC.WebRTCSDPType.OFFER, 'answer': GstWebRTC.WebRTCSDPType.ANSWER}[message['type']]
    webrtc.emit('set-remote-description', GstWebRTC.WebRTCSessionDescription.new(kind, text), None)
    if message['type'] == 'offer':
        webrtc.emit('create-answer', None, Gst.Promise.new_with_change_func(lambda p: set_local(p, 'answer')))


def read():
    for line in sys.stdin:
        if not line.strip():
            break
        GLib.idle_add(lambda m: take(m) and False, json.loads(line))
    GLib.idle_add(loop.quit)


if sys.argv[1] == 'send':
    display, width, height, rate, bitrate = sys.argv[2:]
    pipeline = Gst.parse_launch(
        f'webrtcbin name=w bundle-policy=max-bundle '
        f'ximagesrc display-name={display} use-damage=false show-pointer=true endx={int(width) - 1} endy={int(height) - 1} '
        f'! video/x-raw,framerate={rate}/1 ! videoconvert n-threads=1 ! video/x-raw,format=I420 ! queue max-size-buffers=4 '
        f'! vp8enc name=e deadline=1 cpu-used=6 threads=1 end-usage=cbr target-bitrate={bitrate} error-resilient=default '
        f'lag-in-frames=0 keyframe-max-dist=3000 static-threshold=1 dropframe-threshold=30 '
        f'! rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! w.')
    pipeline.get_by_name('e').get_static_pad('src').add_probe(Gst.PadProbeType.BUFFER, count)
else:
    pipeline = Gst.Pipeline()
    pipeline.add(Gst.ElementFactory.make('webrtcbin', 'w'))
    if len(sys.argv) > 2:
        pipeline.get_by_name('w').set_property('latency', 0)
webrtc = pipeline.get_by_name('w')
webrtc.connect('on-ice-candidate', lambda _, mline, text: say({'mline': mline, 'candidate': text}))
webrtc.connect('pad-added', on_pad)
if sys.argv[1] == 'send':
    webrtc.connect('on-negotiation-needed', lambda w: w.emit(
        'create-offer', None, Gst.Promise.new_with_change_func(lambda p: set_local(p, 'offer'))))
pipeline.set_state(Gst.State.PLAYING)
threading.Thread(target=read, daemon=True).start()
loop.run()
now = (time.monotonic(), cpu())
wall, used = (now[0] - began[0], now[1] - began[1]) if began else (0, 0)
say({'wall_s': wall, 'cpu_s': used, 'frames': max(0, frames - SETTLED), 'peak_kib': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss})

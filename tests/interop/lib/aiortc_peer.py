"""aiortc as the other side of a call: told what to do by JSON lines on standard input, it tells
what happened by JSON lines on standard output. Signaling is the test's own."""
import asyncio
import json
import os
import random
import re
import struct
import sys

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.sdp import candidate_from_sdp

pc = RTCPeerConnection()
received = {"audio": 0, "video": 0}


def say(event, **what):
    print(json.dumps({"event": event, **what}), flush=True)


async def pull(track):
    try:
        while True:
            await track.recv()
            received[track.kind] += 1
    except Exception as e:  # aiortc's way to say that a track has ended
        say("ended", kind=track.kind, why=repr(e))


@pc.on("track")
def on_track(track):
    asyncio.ensure_future(pull(track))


@pc.on("connectionstatechange")
def on_state():
    say("state", state=pc.connectionState)


def add_tracks():
    pc.addTrack(AudioStreamTrack())
    pc.addTrack(VideoStreamTrack())


async def describe(make):
    await pc.setLocalDescription(await make())
    say("description", type=pc.localDescription.type, sdp=pc.localDescription.sdp)


async def add_candidate(c):
    if not c["candidate"]:
        return
    candidate = candidate_from_sdp(c["candidate"].split(":", 1)[1])
    candidate.sdpMid = c.get("sdpMid")
    candidate.sdpMLineIndex = c.get("sdpMLineIndex")
    await pc.addIceCandidate(candidate)


def rtcp(count, pt, body):
    return bytes([0x80 | count, pt]) + struct.pack(">H", len(body) // 4) + body


def garbage(rng, ssrc, seq):
    """One packet that only somebody with the keys could send."""
    noise = rng.randbytes(rng.choice([0, 1, 2, 12, 100, 1000]))
    words = rng.randbytes(4 * rng.randrange(8))
    kind = rng.randrange(8)
    if kind < 4:
        head = bytes([0x80 | rng.choice([0, 0, 0x10, 0x20, 0x30]), rng.choice([96, 111, 224, 97, 0, 127])])
        head += struct.pack(">HII", seq & 0xFFFF, rng.getrandbits(32), ssrc)
        size = struct.pack("<HH", rng.choice([0, 1, 640, 16383]), rng.choice([0, 1, 480, 16383]))
        return head + rng.choice([noise, b"\xbe\xde\x00\x02" + noise, b"\x90\x80\x80\x01\x10\x00\x00\x9d\x01\x2a" + size + noise])
    if kind == 4:
        nacks = b"".join(struct.pack(">HH", rng.getrandbits(16), 65535) for _ in range(rng.choice([1, 200])))
        return rtcp(1, 205, struct.pack(">II", 1, ssrc) + nacks)
    if kind == 5:
        return rtcp(15, 205, struct.pack(">IIHH", 1, ssrc, 0, 65535) + words)
    return rtcp(rng.randrange(32), rng.choice([200, 201, 202, 204, 205, 206, 207, 199]), words)


async def attack(seed, seconds):
    rng = random.Random(seed)
    transport = pc.getSenders()[0].transport
    signaled = [s._ssrc for s in pc.getSenders()]
    signaled += [int(n) for n in re.findall(r"a=ssrc:(\d+) cname", pc.remoteDescription.sdp)]
    end = asyncio.get_event_loop().time() + seconds
    sent = 0
    while asyncio.get_event_loop().time() < end:
        ssrc = rng.choice(signaled + [rng.getrandbits(32)])
        try:
            await transport._send_rtp(garbage(rng, ssrc, sent))
            sent += 1
        except Exception:  # libsrtp refuses to protect some of it
            pass
        if sent % 40 == 0:
            await asyncio.sleep(0.004)
    say("attacked", sent=sent)


async def obey(m):
    what = m["do"]
    if what == "answer":
        await pc.setRemoteDescription(RTCSessionDescription(m["sdp"], "offer"))
        add_tracks()
        await describe(pc.createAnswer)
    elif what == "offer":
        add_tracks()
        await describe(pc.createOffer)
    elif what == "accept":
        await pc.setRemoteDescription(RTCSessionDescription(m["sdp"], "answer"))
    elif what == "candidate":
        await add_candidate(m["candidate"])
    elif what == "stop":
        await next(s for s in pc.getSenders() if s.kind == m["kind"]).stop()
    elif what == "attack":
        await attack(m["seed"], m["seconds"])
    elif what == "count":
        say("received", **received)
    elif what == "close":
        await pc.close()


async def main():
    reader = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_event_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await obey(json.loads(line))
    os._exit(0)


asyncio.run(main())

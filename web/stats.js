/* stats: the few figures of a call that a person or a test wants. */

function track(report) {
  return report && {
    packets: report.packetsReceived ?? report.packetsSent,
    bytes: report.bytesReceived ?? report.bytesSent,
    packetsLost: report.packetsLost,
    framesDecoded: report.framesDecoded,
    framesEncoded: report.framesEncoded,
    framesPerSecond: report.framesPerSecond,
    frameWidth: report.frameWidth,
    frameHeight: report.frameHeight,
    totalAudioEnergy: report.totalAudioEnergy,
  };
}

/* The pair in use, which the transport names; Firefox marks the pair itself. Several may have been
 * nominated. */
export function selectedPair(all) {
  const named = new Set(all.map((r) => r.type === 'transport' && r.selectedCandidatePairId));
  return all.find((r) => r.type === 'candidate-pair' && (r.selected || named.has(r.id)));
}

/* { connectionState, inbound: {audio, video}, outbound: {audio, video}, pair } */
export async function statsOf(pc) {
  if (!pc)
    return null;
  const all = [...(await pc.getStats()).values()];
  const rtp = (type, kind) => track(all.find((r) => r.type === type && r.kind === kind));
  const pair = selectedPair(all);
  return {
    connectionState: pc.connectionState,
    inbound: { audio: rtp('inbound-rtp', 'audio'), video: rtp('inbound-rtp', 'video') },
    outbound: { audio: rtp('outbound-rtp', 'audio'), video: rtp('outbound-rtp', 'video') },
    pair: pair && {
      roundTripTime: pair.currentRoundTripTime,
      bytesSent: pair.bytesSent,
      bytesReceived: pair.bytesReceived,
    },
  };
}

/* "640×480 · 20 fps · 812 kbit/s"; before: the stats of `seconds` ago. */
export function figures(now, before, seconds) {
  const video = now?.inbound.video;
  if (!video?.frameWidth)
    return '';
  const bytes = video.bytes - (before?.inbound.video?.bytes ?? video.bytes);
  const rate = before ? ` · ${Math.round(bytes * 8 / 1000 / seconds)} kbit/s` : '';
  const fps = video.framesPerSecond ? ` · ${Math.round(video.framesPerSecond)} fps` : '';
  return `${video.frameWidth}×${video.frameHeight}${fps}${rate}`;
}

// The dictionaries of W3C webrtc-stats, member by member, and what a report must be.
import assert from 'node:assert/strict';

const words = (text) => text.trim().split(/\s+/);

// n: a number that counts; d: a double; s: a string; b: a boolean; r: a record of numbers.
const rtp = { n: 'ssrc', s: 'kind transportId codecId' };
const received = { n: 'packetsReceived packetsReceivedWithEct1 packetsReceivedWithCe packetsReportedAsLost packetsReportedAsLostButRecovered packetsLost', d: 'jitter' };
const sent = { n: 'packetsSent bytesSent' };
const source = { s: 'trackIdentifier kind' };
const candidate = { s: 'transportId address protocol candidateType url relayProtocol foundation relatedAddress usernameFragment tcpType', n: 'port priority relatedPort' };

const dictionaries = {
  codec: [{ n: 'payloadType clockRate channels', s: 'transportId mimeType sdpFmtpLine' }],
  'inbound-rtp': [rtp, received, {
    s: 'trackIdentifier mid remoteId decoderImplementation playoutId',
    b: 'powerEfficientDecoder',
    n: `framesDecoded keyFramesDecoded framesRendered framesDropped frameWidth frameHeight qpSum pauseCount freezeCount headerBytesReceived
      packetsDiscarded fecBytesReceived fecPacketsReceived fecPacketsDiscarded bytesReceived nackCount firCount pliCount
      jitterBufferEmittedCount totalSamplesReceived concealedSamples silentConcealedSamples concealmentEvents
      insertedSamplesForDeceleration removedSamplesForAcceleration framesReceived framesAssembledFromMultiplePackets
      retransmittedPacketsReceived retransmittedBytesReceived rtxSsrc fecSsrc corruptionMeasurements`,
    d: `framesPerSecond totalDecodeTime totalInterFrameDelay totalSquaredInterFrameDelay totalPausesDuration totalFreezesDuration
      lastPacketReceivedTimestamp totalProcessingDelay estimatedPlayoutTimestamp jitterBufferDelay jitterBufferTargetDelay
      jitterBufferMinimumDelay audioLevel totalAudioEnergy totalSamplesDuration totalAssemblyTime totalCorruptionProbability
      totalSquaredCorruptionProbability`,
  }],
  'outbound-rtp': [rtp, sent, {
    s: 'mid mediaSourceId remoteId rid qualityLimitationReason encoderImplementation scalabilityMode',
    b: 'powerEfficientEncoder active', r: 'psnrSum qualityLimitationDurations',
    n: `encodingIndex headerBytesSent retransmittedPacketsSent retransmittedBytesSent rtxSsrc totalEncodedBytesTarget frameWidth frameHeight
      framesSent hugeFramesSent framesEncoded keyFramesEncoded qpSum psnrMeasurements qualityLimitationResolutionChanges nackCount firCount
      pliCount packetsSentWithEct1`,
    d: 'targetBitrate framesPerSecond totalEncodeTime totalPacketSendDelay',
  }],
  'remote-inbound-rtp': [rtp, received, { s: 'localId', d: 'roundTripTime totalRoundTripTime fractionLost', n: 'roundTripTimeMeasurements packetsWithBleachedEct1Marking' }],
  'remote-outbound-rtp': [rtp, sent, { s: 'localId', d: 'remoteTimestamp roundTripTime totalRoundTripTime', n: 'reportsSent roundTripTimeMeasurements' }],
  'media-source': [source, { d: 'audioLevel totalAudioEnergy totalSamplesDuration echoReturnLoss echoReturnLossEnhancement framesPerSecond', n: 'width height frames' }],
  'media-playout': [{ s: 'kind', d: 'synthesizedSamplesDuration totalSamplesDuration totalPlayoutDelay', n: 'synthesizedSamplesEvents totalSamplesCount' }],
  'peer-connection': [{ n: 'dataChannelsOpened dataChannelsClosed' }],
  transport: [{
    n: 'packetsSent packetsReceived bytesSent bytesReceived selectedCandidatePairChanges ccfbMessagesSent ccfbMessagesReceived',
    s: `iceRole iceLocalUsernameFragment dtlsState iceState selectedCandidatePairId localCertificateId remoteCertificateId tlsVersion
      dtlsCipher dtlsRole srtpCipher`,
  }],
  'candidate-pair': [{
    s: 'transportId localCandidateId remoteCandidateId state', b: 'nominated',
    n: `packetsSent packetsReceived bytesSent bytesReceived requestsReceived requestsSent responsesReceived responsesSent
      consentRequestsSent packetsDiscardedOnSend bytesDiscardedOnSend`,
    d: `lastPacketSentTimestamp lastPacketReceivedTimestamp totalRoundTripTime currentRoundTripTime availableOutgoingBitrate
      availableIncomingBitrate`,
  }],
  'local-candidate': [candidate],
  'remote-candidate': [candidate],
  certificate: [{ s: 'fingerprint fingerprintAlgorithm base64Certificate issuerCertificateId' }],
};

// rill's own, which docs/stats.md names.
const extra = { 'inbound-rtp': { s: 'profileLevelId' }, 'outbound-rtp': { s: 'profileLevelId' }, 'candidate-pair': { n: 'retransmissionsSent errorsReceived errorCode', b: 'selected', s: 'failure clause' } };

// webrtc-pc §8.6, as far as rill has the object; of a kind where the member is of one kind alone.
export const mandatory = {
  codec: 'payloadType mimeType clockRate', 'codec audio': 'channels sdpFmtpLine',
  'inbound-rtp': `ssrc kind transportId codecId packetsReceived packetsLost jitter trackIdentifier remoteId nackCount bytesReceived
    packetsDiscarded`,
  'inbound-rtp video': 'framesDecoded framesDropped framesReceived', 'inbound-rtp audio': 'totalAudioEnergy totalSamplesDuration',
  'outbound-rtp': 'ssrc kind transportId codecId packetsSent bytesSent remoteId nackCount',
  'outbound-rtp video': 'framesEncoded framesSent',
  'remote-inbound-rtp': 'ssrc kind transportId codecId packetsLost jitter localId', 'remote-inbound-rtp video': 'roundTripTime', // of sound it may come later
  'remote-outbound-rtp': 'ssrc kind transportId codecId packetsSent bytesSent localId remoteTimestamp',
  'media-source': 'trackIdentifier kind', 'media-source video': 'width height framesPerSecond', 'media-source audio': 'totalAudioEnergy totalSamplesDuration',
  'peer-connection': 'dataChannelsOpened dataChannelsClosed',
  transport: 'bytesSent bytesReceived selectedCandidatePairId localCertificateId remoteCertificateId',
  'candidate-pair': 'transportId localCandidateId remoteCandidateId state nominated bytesSent bytesReceived totalRoundTripTime',
  'local-candidate': 'address port protocol candidateType', 'remote-candidate': 'address port protocol candidateType',
  certificate: 'fingerprint fingerprintAlgorithm base64Certificate',
};

function members(type) {
  const all = new Map([['type', 's'], ['id', 's'], ['timestamp', 'd']]);
  for (const part of [...dictionaries[type], extra[type] ?? {}])
    for (const [kind, names] of Object.entries(part)) for (const name of words(names)) all.set(name, kind);
  return all;
}

const is = {
  n: (v) => Number.isSafeInteger(v), d: (v) => Number.isFinite(v), s: (v) => typeof v === 'string', b: (v) => typeof v === 'boolean',
  r: (v) => Object.values(v).every(Number.isFinite),
};

// Each object has known members of the right kinds, an id of its own, and names objects that are there.
export function wellFormed(report) {
  const ids = new Set(report.map((o) => o.id));
  assert.equal(ids.size, report.length, 'an id is given twice');
  for (const o of report) {
    assert.ok(dictionaries[o.type], `there is no type ${o.type}`);
    const known = members(o.type);
    for (const [name, value] of Object.entries(o)) {
      assert.ok(known.has(name), `${o.type} has no member ${name}`);
      assert.ok(is[known.get(name)](value), `${o.type}.${name} is ${JSON.stringify(value)}`);
      if (/Id$/.test(name)) assert.ok(ids.has(value), `${o.type}.${name} names ${value}, which is not there`);
    }
  }
}

// The mandatory members that an object lacks.
export function lacking(o) {
  const kind = o.kind ?? o.mimeType?.split('/')[0];
  return words(`${mandatory[o.type] ?? ''} ${mandatory[`${o.type} ${kind}`] ?? ''}`).filter((name) => name && !(name in o));
}

export const of = (report, type, kind) => report.find((o) => o.type === type && (!kind || o.kind === kind));

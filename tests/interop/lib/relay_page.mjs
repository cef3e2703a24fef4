// rill's page in Chromium with a relay-only connection of its own, and what its statistics say of it.
import { password, user } from './coturn.mjs';

export async function relayOnly(context, urls) {
  await context.addInitScript(([urls, username, credential]) => {
    const Plain = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Plain {
      constructor(config) {
        super({ ...config, iceServers: [{ urls, username, credential }], iceTransportPolicy: 'relay' });
      }
    };
  }, [urls, user, password]);
}

// Of the selected pair, its local and its remote candidate: { type, relayProtocol }.
export async function pairTypes(page) {
  return page.evaluate(async () => {
    const stats = [...(await window.rill.pc.getStats()).values()];
    const transport = stats.find((s) => s.type === 'transport');
    const pair = stats.find((s) => s.id === transport.selectedCandidatePairId);
    return [pair.localCandidateId, pair.remoteCandidateId].map((id) => {
      const s = stats.find((o) => o.id === id);
      return { type: s.candidateType, relayProtocol: s.relayProtocol };
    });
  });
}

export async function decodes(page) {
  await page.waitForFunction(async () => {
    for (const s of (await window.rill.pc.getStats()).values())
      if (s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > 10) return true;
    return false;
  }, null, { timeout: 20000 });
}

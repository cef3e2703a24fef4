// Reads what a page shows: the burnt-in frame number of rill's test pattern (its code is described
// in capture/testsrc.h), and the strongest tone in a stream's sound.

// In the page: numbers seen in `frames` presented pictures of a <video>.
export function readNumbers(page, selector, frames) {
  return page.evaluate(
    async ([selector, frames]) => {
      const crc = (n) => {
        let c = 0x5a;
        for (let bit = 23; bit >= 0; bit--) {
          const out = ((c >> 7) ^ (n >> bit)) & 1;
          c = ((c << 1) ^ (out ? 7 : 0)) & 0xff;
        }
        return c;
      };
      const video = document.querySelector(selector);
      const canvas = new OffscreenCanvas(1, 1);
      const g = canvas.getContext('2d', { willReadFrequently: true });
      const read = () => {
        const w = (canvas.width = video.videoWidth);
        const h = (canvas.height = video.videoHeight);
        g.drawImage(video, 0, 0);
        let word = 0n;
        for (let bit = 0; bit < 32; bit++) {
          const x = Math.floor((w * ((bit % 16) + 0.5)) / 16);
          const y = Math.floor((h * (10 + Math.floor(bit / 16) + 0.5)) / 12);
          const p = g.getImageData(x - 2, y - 2, 4, 4).data;
          let sum = 0;
          for (let i = 0; i < p.length; i += 4) sum += p[i] + p[i + 1] + p[i + 2];
          const mean = sum / (3 * 16);
          if (mean > 90 && mean < 165) return -1;
          word = (word << 1n) | (mean >= 165 ? 1n : 0n);
        }
        const n = Number(word >> 8n);
        return crc(n) === Number(word & 0xffn) ? n : -1;
      };
      const seen = [];
      while (seen.length < frames) {
        await new Promise((ok) => video.requestVideoFrameCallback(ok));
        seen.push(read());
      }
      return seen;
    },
    [selector, frames],
  );
}

// In the page: Hz of the loudest bin of what the remote stream sounds like, over `ms`.
export function readTone(page, selector, ms) {
  return page.evaluate(
    async ([selector, ms]) => {
      const audio = new AudioContext({ sampleRate: 48000 });
      await audio.resume();
      const source = audio.createMediaStreamSource(document.querySelector(selector).srcObject);
      const analyser = audio.createAnalyser();
      analyser.fftSize = 32768;
      source.connect(analyser);
      await new Promise((ok) => setTimeout(ok, ms));
      const bins = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(bins);
      let best = 1;
      for (let i = 1; i < bins.length; i++) if (bins[i] > bins[best]) best = i;
      await audio.close();
      return { hz: (best * 48000) / 32768, db: bins[best] };
    },
    [selector, ms],
  );
}

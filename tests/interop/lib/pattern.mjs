// Reads what a page shows: the burnt-in frame number of rill's test pattern (its code is described
// in capture/testsrc.h), and the strongest tone in a stream's sound. A camera's picture is compared as thumbnails, 8 by 6 cells of red, green and blue.

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

// In the page: keeps a thumbnail of every picture that a <video> presents from now on.
export function watch(page, selector) {
  return page.evaluate((selector) => {
    const video = document.querySelector(selector);
    const g = new OffscreenCanvas(8, 6).getContext('2d', { willReadFrequently: true });
    g.imageSmoothingQuality = 'high';
    video.seen = [];
    const look = () => {
      g.drawImage(video, 0, 0, 8, 6);
      video.seen.push([...g.getImageData(0, 0, 8, 6).data].filter((_, i) => i % 4 < 3));
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }, selector);
}

// The thumbnails kept so far, once the picture has moved: `n` of them, one unlike the first.
export function seen(page, selector, n, ms = 15000) {
  return page.evaluate(
    async ([selector, n, ms]) => {
      const { seen } = document.querySelector(selector);
      const moved = () => seen.some((now) => now.some((v, i) => Math.abs(v - seen[0][i]) > 24));
      const end = performance.now() + ms;
      while ((seen.length < n || !moved()) && performance.now() < end) await new Promise((ok) => setTimeout(ok, 20));
      if (seen.length < n || !moved()) throw new Error(`${selector}: ${seen.length} pictures, ${moved() ? '' : 'not '}moving`);
      return seen;
    },
    [selector, n, ms],
  );
}

// How far a thumbnail is from the nearest of a list: the mean of the cells' differences.
export function distance(thumbnail, list) {
  const mean = (other) => thumbnail.reduce((sum, v, i) => sum + Math.abs(v - other[i]), 0) / thumbnail.length;
  return Math.min(...list.map(mean));
}

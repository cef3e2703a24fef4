/* All of the page as one file: web/trace.html, the same bytes from the same sources. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/* `import wasm from './x.wasm'` is its bytes as base64; and nothing is fetched, so that they are not
 * in the page a second time. */
const wasm = {
  name: 'wasm',
  enforce: 'pre',
  load(id) {
    return id.endsWith('.wasm') ? `export default ${JSON.stringify(readFileSync(id, 'base64'))}` : null;
  },
  transform(code, id) {
    return id.endsWith('/dissect.js') ? code.replace(/new URL\("dissect\.wasm", import\.meta\.url\)/, '"dissect.wasm"') : null;
  },
};

/* The program and the style go into the page, and the page allows these two and nothing else: not
 * from elsewhere, nor what a trace may hold. */
const inline = {
  name: 'inline',
  enforce: 'post',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const page = bundle['index.html'];
      const files = Object.values(bundle).filter((f) => f !== page);
      const script = files.filter((f) => f.type === 'chunk').map((f) => f.code.trim().replaceAll('</script', '<\\/script')).join('\n');
      const style = files.filter((f) => f.fileName.endsWith('.css')).map((f) => String(f.source).trim()).join('\n');
      const policy = `default-src 'none'; script-src ${hashOf(script)} 'wasm-unsafe-eval'; style-src ${hashOf(style)}; connect-src 'self'; `
        + "img-src data:; base-uri 'none'; form-action 'none'";
      page.source = String(page.source)
        .replace(/\s*<(script type="module"|link rel="(stylesheet|modulepreload)")[^>]*>(<\/script>)?/g, '')
        .replace('<meta charset="utf-8">', (meta) => `${meta}\n  <meta http-equiv="Content-Security-Policy" content="${policy}">`)
        .replace('</head>', () => `<style>${style}</style>\n</head>`)
        .replace('</body>', () => `<script type="module">${script}</script>\n</body>`);
      for (const f of files)
        delete bundle[f.fileName];
      page.fileName = 'trace.html';
    },
  },
};

export default defineConfig({
  root: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  base: './',
  logLevel: 'warn',
  publicDir: false,
  plugins: [wasm, inline],
  build: {
    target: 'es2022',
    outDir: process.env.OUT ?? '../../build/page',
    emptyOutDir: true,
    assetsInlineLimit: 1 << 20,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    minify: process.env.PLAIN ? false : "esbuild",
    rollupOptions: { output: { inlineDynamicImports: true } },
  },
});

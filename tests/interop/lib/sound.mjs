// A sound server of the test's own, with speakers that play into nothing and a microphone that hears what they
// play: PulseAudio or PipeWire, real ones (scripts/sound.sh), in a home of their own, reached through ALSA.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, tempDir } from './rill.mjs';

const sound = join(root, 'build/sound');
let libraries;

// A file of sound that a coder takes for a voice: harmonics of 140 Hz, in syllables. Steady tones it takes for noise, of
// which it sends nothing twice.
export function babble(t) {
  const path = join(tempDir(t), 'babble.wav');
  const voice = [1, 2, 3, 4, 5, 6].map((n) => `sin(${n}*280*PI*t)/${n}`).join('+');
  const r = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `aevalsrc='0.3*(${voice})*max(0,sin(6*PI*t))':s=48000:d=3`, path]);
  if (r.status !== 0) throw new Error(r.stderr.toString());
  return path;
}

function unpack() {
  if (libraries) return;
  const r = spawnSync(join(root, 'scripts/sound.sh'), [sound]);
  if (r.status !== 0) throw new Error(r.stderr.toString());
  const triplet = readdirSync(join(sound, 'usr/lib')).find((n) => n.includes('-linux-'));
  libraries = join(sound, 'usr/lib', triplet);
}

// What both have in common: a process that is ended after the test, and what those who use it have in their
// environment. ask(…args) runs one of its own tools.
function home(t, paths, more, asoundrc) {
  const dir = tempDir(t);
  const run = join(dir, 'run');
  mkdirSync(run, { mode: 0o700 });
  writeFileSync(join(dir, 'asoundrc'), asoundrc);
  const env = { HOME: dir, XDG_RUNTIME_DIR: run, LD_LIBRARY_PATH: paths.join(':'), DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    ALSA_CONFIG_PATH: `/usr/share/alsa/alsa.conf:${join(dir, 'asoundrc')}`, ...more };
  const server = { dir, env, log: '', environment: Object.entries(env).map(([k, v]) => `${k}=${v}`) };
  server.start = (name, ...args) => {
    const p = spawn(join(sound, 'usr/bin', name), args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const gone = new Promise((done) => p.on('close', done));
    for (const s of [p.stdout, p.stderr]) s.on('data', (b) => (server.log += b));
    t.after(() => (p.kill('SIGKILL'), gone));
    return p;
  };
  server.ask = (name, ...args) => spawnSync(join(sound, 'usr/bin', name), args, { env: { PATH: process.env.PATH, ...env } }).stdout.toString();
  server.until = async (holds) => {
    for (let i = 0; i < 100; i++, await sleep(50)) if (holds()) return;
    throw new Error(`the sound server did not start: ${server.log}`);
  };
  return server;
}

// "alsa:speakers" and "alsa:microphone".
export async function pulseaudio(t) {
  unpack();
  const modules = join(sound, 'usr/lib', readdirSync(join(sound, 'usr/lib')).find((n) => n.startsWith('pulse-')), 'modules');
  const server = home(t, [libraries, join(libraries, 'pulseaudio'), modules], {},
    `pcm_type.pulse { lib "${libraries}/alsa-lib/libasound_module_pcm_pulse.so" }
     pcm.speakers { type pulse device "rill" }
     pcm.microphone { type pulse device "rill.monitor" hint { show on description "PulseAudio" } }\n`);
  const script = join(server.dir, 'rill.pa');
  writeFileSync(script, 'load-module module-null-sink sink_name=rill\nload-module module-native-protocol-unix\n');
  server.process = server.start('pulseaudio', '-n', '-F', script, '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no',
    '--realtime=no', '--high-priority=no', `--dl-search-path=${modules}`);
  await server.until(() => readdirSync(server.env.XDG_RUNTIME_DIR).includes('pulse') &&
    readdirSync(join(server.env.XDG_RUNTIME_DIR, 'pulse')).includes('native'));
  return server;
}

const modulesOf = (...names) => names.map((n) => `{ name = libpipewire-module-${n} }`).join('\n');

// With its session manager, WirePlumber, which links what plays and listens.
export async function pipewire(t) {
  unpack();
  const spa = join(libraries, 'spa-0.2');
  const server = home(t, [libraries], { SPA_PLUGIN_DIR: spa, PIPEWIRE_ALSA: '{ stream.capture.sink = true }', PIPEWIRE_MODULE_DIR: join(libraries, 'pipewire-0.3'),
    WIREPLUMBER_MODULE_DIR: join(libraries, 'wireplumber-0.4'), WIREPLUMBER_DATA_DIR: join(sound, 'usr/share/wireplumber') },
  `pcm_type.pipewire { lib "${libraries}/alsa-lib/libasound_module_pcm_pipewire.so" }
     pcm.speakers { type pipewire playback_node "rill" }
     pcm.microphone { type pipewire capture_node "rill" hint { show on description "PipeWire" } }\n`);
  const conf = join(server.dir, 'conf');
  mkdirSync(join(conf, 'rill.lua.d'), { recursive: true });
  Object.assign(server.env, { PIPEWIRE_CONFIG_DIR: conf, WIREPLUMBER_CONFIG_DIR: conf });
  server.environment.push(`PIPEWIRE_CONFIG_DIR=${conf}`);
  const libs = 'context.spa-libs = { audio.convert.* = audioconvert/libspa-audioconvert support.* = support/libspa-support }\n';
  const client = modulesOf('protocol-native', 'client-node', 'client-device', 'adapter', 'metadata', 'session-manager');
  writeFileSync(join(conf, 'client.conf'), `${libs}context.modules = [ ${client} ]\n`);
  writeFileSync(join(conf, 'client-rt.conf'), `${libs}context.modules = [ ${client} ]\n`);
  writeFileSync(join(conf, 'pipewire.conf'), `context.properties = { core.daemon = true core.name = pipewire-0 support.dbus = false default.clock.quantum = 480 default.clock.min-quantum = 480 }
${libs}context.modules = [ ${modulesOf('protocol-native', 'metadata', 'spa-node-factory', 'client-node', 'client-device', 'access', 'adapter', 'link-factory', 'session-manager')} ]
context.objects = [
 { factory = spa-node-factory args = { factory.name = support.node.driver node.name = Dummy-Driver node.group = pipewire.dummy priority.driver = 20000 } }
 { factory = adapter args = { factory.name = support.null-audio-sink node.name = rill media.class = Audio/Sink object.linger = true audio.position = [ FL FR ] } } ]
`);
  writeFileSync(join(conf, 'wireplumber.conf'), `context.properties = { wireplumber.script-engine = lua-scripting support.dbus = false }
${libs}context.modules = [ ${client} ]
wireplumber.components = [ { name = libwireplumber-module-lua-scripting, type = module } { name = rill.lua, type = config/lua } ]
`);
  writeFileSync(join(conf, 'rill.lua.d/rill.lua'), `components = {}
function load_module(m, a) if not components[m] then components[m] = { "libwireplumber-module-" .. m, type = "module", args = a } end end
function load_script(s, a) if not components[s] then components[s] = { s, type = "script/lua", args = a } end end
load_module("metadata") load_script("access/access-default.lua", { rules = {} })
for _, m in ipairs { "si-node", "si-audio-adapter", "si-standard-link", "si-audio-endpoint", "default-nodes-api", "mixer-api" } do load_module(m) end
local policy = { move = true, follow = true, ["filter.forward-format"] = false }
load_script("create-item.lua", policy) load_script("policy-node.lua", policy)
`);
  server.process = server.start('pipewire');
  await server.until(() => readdirSync(server.env.XDG_RUNTIME_DIR).includes('pipewire-0'));
  server.start('wireplumber');
  await server.until(() => /WirePlumber/.test(server.ask('wpctl', 'status')));
  return server;
}

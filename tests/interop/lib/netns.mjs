// A small internet in network namespaces, for one test.
//
// The idea: a namespace is held by a process of the test's own that reads from it and does nothing
// else, and is named by that process's id. So nothing has a name that could be left behind: when the
// test ends, however it does, the holders end, and with them their namespaces, links and rules. The
// machine's own namespace is never changed. Without root a user namespace is tried.
//
//   const lab = await Lab.make(t, 'a', 'b');
//   lab.cable(lab.a, 'eth0', '10.0.0.1/24', lab.b, 'eth0', '10.0.0.2/24');
//   lab.b.nft('add table ip filter …');
//   lab.a.run(['ip', 'route']); new Process(t, args, rill, lab.a.inside); …
import { spawn, spawnSync } from 'node:child_process';

const HOSTS_MAX = 64;
const root = process.getuid() === 0;

// False when namespaces can be made, else why not: node's `skip` takes it as it is.
export function impossible(...programs) {
  for (const program of ['ip', 'unshare', 'nsenter', 'setpriv', ...programs]) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `no ${program} on this machine`;
  }
  const script = 'ip link add x type veth peer name y && echo 1 >/proc/sys/net/ipv4/ip_forward';
  const r = spawnSync('unshare', [...(root ? [] : ['-U', '-r']), '-n', 'sh', '-c', script]);
  return r.status === 0 ? false : `no network namespaces: ${r.stderr.toString().trim()}`;
}

class Host {
  constructor(name, holder) {
    this.name = name;
    this.holder = holder;
    const user = root ? [] : ['-U', '--preserve-credentials'];
    // What goes before a command that is to run here; it ends with the test.
    this.inside = ['nsenter', '-t', String(holder.pid), ...user, '-n', '--', 'setpriv', '--pdeathsig', 'KILL'];
  }

  // To its end; gives what it said.
  run([...args], input = '') {
    const [command, ...rest] = [...this.inside, ...args];
    const r = spawnSync(command, rest, { input, timeout: 20000 });
    if (r.status !== 0) throw new Error(`${this.name}: ${args.join(' ')}: ${r.error ?? r.stderr}\n${input}`);
    return r.stdout.toString();
  }

  // Commands of ip, in one go: 'addr add 10.0.0.1/24 dev eth0', …
  ip(...commands) {
    return this.run(['ip', '-batch', '-'], commands.map((c) => `${c}\n`).join(''));
  }

  // The kernel says a little later that a link is up; until then no program counts its addresses.
  awaitUp(name) {
    for (let i = 0; i < 300; i++)
      if (this.run(['ip', 'link', 'show', 'dev', name]).includes('state UP')) return;
    throw new Error(`${this.name}: ${name} does not come up`);
  }

  nft(rules) {
    return this.run(['nft', '-f', '-'], rules);
  }

  // sysctl('net.ipv4.ip_forward', 1)
  sysctl(name, value) {
    this.run(['sh', '-c', `echo ${value} >/proc/sys/${name.replaceAll('.', '/')}`]);
  }
}

// Without root the first one makes the user namespace that the others share.
async function hold(name, first) {
  const into = root ? [] : first ? ['nsenter', '-t', String(first.holder.pid), '-U', '--preserve-credentials', '--'] : [];
  const [command, ...args] = [...into, 'unshare', ...(root || first ? [] : ['-U', '-r']), '-n', 'sh', '-c', 'echo here; exec cat >/dev/null'];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((ok, fail) => {
    child.stdout.once('data', ok);
    child.once('exit', () => fail(new Error(`${name}: no network namespace`)));
  });
  return new Host(name, child);
}

export class Lab {
  // A namespace each name, its loopback up, without IPv6 unless asked: lab.NAME.
  static async make(t, ...names) {
    const lab = new Lab();
    lab.hosts = [];
    t.after(() => lab.hosts.forEach((h) => h.holder.kill('SIGKILL')));
    await lab.add(...names);
    return lab;
  }

  async add(...names) {
    if (this.hosts.length + names.length > HOSTS_MAX) throw new Error(`more than ${HOSTS_MAX} namespaces`);
    const [one, ...others] = this.hosts.length ? [null, ...names] : names;
    const first = this.hosts[0] ?? (await hold(one, null));
    const made = [...(one ? [first] : []), ...(await Promise.all(others.map((name) => hold(name, first))))];
    for (const host of made) {
      this.hosts.push(host);
      this[host.name] = host;
      host.sysctl('net.ipv6.conf.all.disable_ipv6', 1);
      host.ip('link set lo up');
    }
    return made;
  }

  // A cable between two, up at both ends; an address may be null.
  cable(a, aName, aAddress, b, bName, bAddress) {
    a.ip(`link add name ${aName} type veth peer name ${bName} netns ${b.holder.pid}`);
    for (const [host, name, address] of [[a, aName, aAddress], [b, bName, bAddress]])
      host.ip(`link set dev ${name} up`, ...(address ? [`addr add ${address} dev ${name}`] : []));
    a.awaitUp(aName);
    b.awaitUp(bName);
  }

  // A switch inside a host, with the address that the host itself has on it. Without a hardware address
  // of its own it would take that of its lowest port, another one with each that is plugged in, and
  // what neighbours send to the last one would be lost.
  bridge(host, name, address) {
    host.ip(`link add name ${name} address 02:00:00:00:00:01 type bridge`, `link set dev ${name} up`, ...(address ? [`addr add ${address} dev ${name}`] : []));
  }

  plug(host, aName, aAddress, bridgeHost, bridge, port) {
    this.cable(host, aName, aAddress, bridgeHost, port, null);
    bridgeHost.ip(`link set dev ${port} master ${bridge}`);
  }
}

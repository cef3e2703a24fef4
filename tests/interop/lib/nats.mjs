// Kinds of network that a host may be behind, in the words of RFC 4787, made of nftables.
//
// The internet is one switch, 203.0.113.0/24; a NAT's outer address is on it, and behind each NAT
// the same 192.168.1.0/24 lies, as in real life: the two sides of a call mostly have one address.

const LAN = '192.168.1';
const drop = 'chain in { type filter hook input priority 0; iifname != "lo" meta l4proto { udp, tcp } drop; }';
// What comes for a NAT's own address is dropped, so that it leaves no state that would take the
// port away from the host behind (RFC 4787 §4.2.1 REQ-2).
const nat = (source, more = '') => `table ip nat {
  ${drop}
  ${more}
  chain post { type nat hook postrouting priority 100; oifname "wan" ${source}; }
}\n`;
const forwarded = (which) => `chain pre { type nat hook prerouting priority -100; iifname "wan" udp dport >= 1024 ${which} dnat to ${LAN}.2; }`;

// maps: a mapping for every endpoint that is spoken to, or one for all (§4.1). filters: who may
// answer: 'all', an 'address' that was sent to, or its 'port' alone (§5).
export const kinds = {
  none: { says: 'no NAT' },
  cone: { maps: 'one', filters: 'all', rules: (wan) => nat(`snat to ${wan}`, forwarded('')) },
  address: {
    maps: 'one',
    filters: 'address',
    rules: (wan) => nat(`snat to ${wan}`, `set known { type ipv4_addr; flags dynamic, timeout; timeout 2m; size 1024; }
      chain out { type filter hook forward priority 0; oifname "wan" meta l4proto udp update @known { ip daddr }; }
      ${forwarded('ip saddr @known')}`),
  },
  port: { maps: 'one', filters: 'port', rules: () => nat('masquerade') },
  symmetric: { maps: 'each', filters: 'port', rules: () => nat('masquerade fully-random') },
  blocked: {
    says: 'no UDP, and TCP to ports 80, 443 and 3478 alone',
    udp: false,
    rules: () => nat('masquerade', `chain out { type filter hook forward priority 0;
      meta l4proto udp drop; iifname "lan" tcp dport != { 80, 443, 3478 } drop; }`),
  },
  common: { maps: 'one', filters: 'port', shared: true, also: 'no hairpinning; both hosts behind this one', rules: () => nat('masquerade') },
  double: { maps: 'one', filters: 'port', twice: true, also: 'two of them, one behind the other', rules: () => nat('masquerade') },
};

// The middle: what is wired here is on the internet. What is for private addresses gets lost in it, as
// it does in the real one.
export async function internet(lab, host, address) {
  const [nowhere] = await lab.add('nowhere');
  lab.bridge(host, 'internet', `${address}/24`);
  lab.cable(host, 'nowhere', '192.0.2.1/24', nowhere, 'eth0', '192.0.2.2/24');
  host.ip('route add default via 192.0.2.2');
  host.address = address;
}

let port = 0;
function wired(lab, net, host, name, address) {
  lab.plug(host, name, `${address}/24`, net, 'internet', `port${++port}`);
  host.ip(`route add default via ${net.address}`);
}

function gateway(host, rules) {
  host.sysctl('net.ipv4.ip_forward', 1);
  host.nft(rules);
}

// A host of this kind, and what stands before it; wan is its outermost address. shared: hosts that
// one NAT has already, this is one more.
export async function site(lab, net, name, kind, wan, shared) {
  const k = kinds[kind];
  const [host] = await lab.add(name);
  if (kind === 'none') {
    wired(lab, net, host, 'eth0', wan);
    return { host };
  }
  const gate = shared?.gate ?? (await lab.add(`${name}-nat`))[0];
  const own = `${LAN}.${shared ? 3 : 2}`;
  if (!shared) lab.bridge(gate, 'lan', `${LAN}.1/24`);
  lab.plug(host, 'eth0', `${own}/24`, gate, 'lan', `p-${own}`);
  host.ip(`route add default via ${LAN}.1`);
  if (shared) return { host, gate };
  let outer = gate;
  if (k.twice) {
    [outer] = await lab.add(`${name}-carrier`);
    lab.cable(gate, 'wan', '10.0.0.2/24', outer, 'lan', '10.0.0.1/24');
    gate.ip('route add default via 10.0.0.1');
    gateway(gate, k.rules('10.0.0.2'));
  }
  wired(lab, net, outer, 'wan', wan);
  gateway(outer, k.rules(wan));
  return { host, gate };
}

// Can these two speak without a relay? RFC 4787 §5: who is filtered by port can only be reached
// from the very endpoint that it sent to, and a mapping for each endpoint is one nobody knows.
export function direct(a, b) {
  const [x, y] = [kinds[a], kinds[b]];
  if (x.udp === false || y.udp === false) return false;
  if (a === 'none' || b === 'none') return true;
  const reaches = (from, to) => from.maps === 'one' || to.filters !== 'port';
  return reaches(x, y) && reaches(y, x) && !(x.maps === 'each' && y.maps === 'each');
}

// The types that a direct pair's own candidate may have, as its own side sees it and as the other.
export function types(own, other) {
  const hosts = own === 'none' || (kinds[own].shared && own === other);
  if (hosts) return { near: ['host'], far: ['host', 'prflx'] };
  return kinds[own].maps === 'each' ? { near: ['prflx'], far: ['prflx'] } : { near: ['srflx', 'prflx'], far: ['srflx', 'prflx'] };
}

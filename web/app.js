/* app: the page: what is pressed, what is shown, and how signaling and call are wired.
 *
 *   idle → calling | answering → connected → closed
 *                        any of them → failed
 */

import { Call } from './call.js';
import { Signaling } from './signaling.js';
import { plotsIn } from './plots.js';
import { figures, statsOf } from './stats.js';
import { clearSteps, light, lightThere, showSteps, steps } from './steps.js';

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);

let state = 'idle';
let signaling = null;
let connectedAt = null; /* to the server */
let isGone = false;     /* and the page says so */
let call = null;
let offers = []; /* that wait for an answer */
let figuresTimer = null;
let plots = null;

/* --- what is shown ------------------------------------------------------------------ */

function say(text, isFailure = false) {
  const message = $('message');
  message.setAttribute('role', isFailure ? 'alert' : 'status');
  message.textContent = text;
}

function isBusy() {
  return state === 'calling' || state === 'answering' || state === 'connected';
}

function show() {
  document.documentElement.dataset.state = state;
  $('call').disabled = isBusy() || !signaling?.isOpen;
  $('answer').disabled = isBusy() || !signaling?.isOpen || offers.length === 0;
  $('hangup').disabled = !isBusy();
  $('choice').hidden = offers.length < 2 || isBusy();
  $('answer').textContent = offers.length === 1 ? `Answer ${offers[0].offererUserName}` : 'Answer';
  $('connected').hidden = state !== 'connected';
  for (const field of $('who').elements)
    field.disabled = isBusy();
}

function setState(next) {
  state = next;
  show();
}

/* The newest first, for the older may be of people who have gone. */
function showOffers() {
  $('offers').replaceChildren(...offers.map((o) => new Option(o.offererUserName)));
  show();
}

/* The sentence for a person; names of errors are the browser's and the server's. */
function explain(error) {
  const sentences = {
    NotAllowedError: 'The camera and microphone were not allowed. Allow them for this page, then try again.',
    NotFoundError: 'No camera or no microphone was found. Connect one, then try again.',
    NotReadableError: 'The camera or microphone is in use by another program.',
    SecurityError: 'Browsers give the camera only to pages from localhost or over https.',
    SIGNALING_NO_OFFER: 'That offer is gone: the caller has left.',
    SIGNALING_ANSWERED: 'Somebody else has answered that offer already.',
    SIGNALING_PASSWORD: 'The password is wrong.',
    SIGNALING_NAME: 'That name cannot be used here. Choose another, then press Join.',
    SIGNALING_REPLACED: 'Another window has joined with this name, so this one has left.',
    SIGNALING_FULL: 'There is no more room on the server.',
    SIGNALING_RATE: 'That was too much in too short a time. Wait a moment.',
  };
  return sentences[error.code] ?? sentences[error.name] ?? `It did not work: ${error.message}.`;
}

/* --- the end of a call --------------------------------------------------------------- */

function endCall() {
  clearInterval(figuresTimer);
  $('figures').textContent = '';
  call?.close();
  $('local').srcObject = null;
  $('remote').srcObject = null;
  $('remote-name').textContent = 'The other side';
}

function fail(sentence) {
  endCall();
  setState('failed');
  say(sentence, true);
  rejoin();
}

/* Leaving is how an offer is withdrawn; so after a call the page comes anew. */
function rejoin() {
  if (signaling)
    join();
}

function hangUp(sentence = 'You hung up.') {
  endCall();
  setState('closed');
  say(sentence);
  rejoin();
}

/* --- a call -------------------------------------------------------------------------- */

function showLocal(stream) {
  $('local').srcObject = stream;
}

async function showRemote(stream) {
  const video = $('remote');
  if (video.srcObject !== stream)
    video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    if (error.name !== 'NotAllowedError')
      return;
    video.muted = true;
    video.controls = true;
    say('The browser holds the sound back: turn it on in the picture.');
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Resolves when a frame of the other side was decoded, or the call is over. The count is asked
 * for, since a window that nobody looks at paints no frames. */
async function firstFrame(mine) {
  while (call === mine && isBusy()) {
    const now = await statsOf(mine.pc);
    if (now.inbound.video?.framesDecoded > 0)
      return;
    await pause(100);
  }
}

function watchFigures(pc) {
  let before = null;
  clearInterval(figuresTimer);
  plots ??= plotsIn($('plots'));
  plots.clear();
  $('course').hidden = false;
  figuresTimer = setInterval(async () => {
    const now = await statsOf(pc);
    $('figures').textContent = figures(now, before, 1);
    before = now;
    plots.take([...(await pc.getStats()).values()]);
  }, 1000);
}

/* Step 23 wants both: the transport, and a picture that was decoded. */
async function connected(mine) {
  const receivesVideo = mine.pc.getTransceivers().some((t) => (
    t.receiver.track.kind === 'video' && /recv/.test(t.currentDirection)));
  if (receivesVideo)
    await firstFrame(mine);
  if (call !== mine || !isBusy())
    return;
  lightThere(7, 9, 18, 20, 22);
  light(23);
  setState('connected');
  say('CONNECTED!!');
  watchFigures(mine.pc);
}

function begin(isOfferer) {
  endCall();
  call = new Call(signaling, isOfferer);
  const mine = call;
  const on = (name, then) => mine.addEventListener(name, (e) => call === mine && then(e));
  on('track', (e) => showRemote(e.detail));
  on('connected', () => state === 'connected' ? say('CONNECTED!!') : connected(mine));
  on('trouble', () => say('The other side is not heard at the moment.'));
  on('failed', () => fail('The connection to the other side was lost.'));
  on('ended', () => hangUp('The other side has hung up.'));
  return mine;
}

async function attempt(mine, work) {
  try {
    await work();
  } catch (error) {
    if (call === mine && isBusy())
      fail(explain(error));
  }
}

function startCall() {
  clearSteps();
  const mine = begin(true);
  setState('calling');
  say('Calling …');
  attempt(mine, async () => {
    await mine.offer(showLocal);
    if (call === mine && state === 'calling')
      say('The offer is held by the server. Whoever joins this room can answer it.');
  });
}

function startAnswer() {
  const chosen = $('offers').value;
  const offer = offers.find((o) => o.offererUserName === chosen) ?? offers[0];
  if (!offer)
    return;
  offers = offers.filter((o) => o !== offer);
  const mine = begin(false);
  clearSteps();
  lightOffer();
  setState('answering');
  $('remote-name').textContent = offer.offererUserName;
  say(`Answering ${offer.offererUserName} …`);
  attempt(mine, () => mine.answer(offer, showLocal));
}

/* --- what the server says ------------------------------------------------------------ */

/* Having the offer means that the caller has done what comes before it. */
function lightOffer() {
  light(10, 'here', connectedAt);
  light(11);
  lightThere(1, 2, 3, 4, 5, 6, 8);
}

/* isNews: the offer was made just now; what waited when the page came back after a failure
 * leaves the failure on the page. */
function takeOffers(list, isNews) {
  for (const offer of list) {
    offers = offers.filter((o) => o.offererUserName !== offer.offererUserName);
    offers.unshift(offer);
  }
  showOffers();
  if (isBusy() || (state === 'failed' && !isNews))
    return;
  clearSteps();
  lightOffer();
  if (state === 'closed' || state === 'failed')
    setState('idle');
  say(`${list.at(-1).offererUserName} is calling.`);
}

function takeAnswer(offerObj) {
  const mine = call;
  if (!mine?.pc || mine.pc.remoteDescription || state !== 'calling')
    return;
  lightThere(10, 11, 12, 13, 14, 15, 16, 17, 19);
  light(21, 'there');
  $('remote-name').textContent = offerObj.answererUserName;
  attempt(mine, () => mine.answered(offerObj));
}

function takeCandidate(candidate) {
  lightThere(...(state === 'calling' ? [18] : []));
  call?.candidate(candidate);
}

function serverGone() {
  isGone = true;
  offers = [];
  showOffers();
  if (state === 'connected')
    say('The signaling server is gone; the call goes on without it.');
  else
    say('The signaling server is gone. Trying to reach it again …', true);
}

function serverBack() {
  connectedAt = performance.now();
  if (state === 'idle' || (isGone && !isBusy()))
    say('Press Call, or wait for somebody to call.');
  isGone = false;
  show();
}

/* After the server was gone: it has kept our place, or our call ended with it. */
function takePlace({ resumed, isFirst }) {
  if (isFirst || !isBusy() || state === 'connected')
    return;
  if (resumed)
    say(state === 'calling' ? 'Calling …' : 'Answering …');
  else
    fail('The signaling server has forgotten this call. Call again.');
}

function takeWithdrawal({ offererUserName }) {
  const isKnown = offers.some((o) => o.offererUserName === offererUserName);
  offers = offers.filter((o) => o.offererUserName !== offererUserName);
  showOffers();
  if (isKnown && state === 'idle' && offers.length === 0)
    say(`${offererUserName} is not calling any more. Press Call, or wait for somebody to call.`);
}

/* Whom the server merely lost may still be heard: then the connection decides. */
function takeHangUp({ userName, reason }) {
  if (!isBusy() || userName !== $('remote-name').textContent)
    return;
  if (reason === 'left')
    hangUp('The other side has hung up.');
  else
    say(`${userName} has lost the signaling server; the call goes on without it.`);
}

function refused(error) {
  signaling = null;
  offers = [];
  if (isBusy() && state !== 'connected') {
    endCall();
    setState('failed');
  }
  showOffers();
  say(explain(error), true);
}

function join() {
  signaling?.close();
  offers = [];
  const mine = new Signaling({
    userName: $('name').value.trim(),
    password: $('password').value,
    room: $('room').value.trim(),
  });
  signaling = mine;
  const on = (name, then) => mine.addEventListener(name, (e) => signaling === mine && then(e.detail));
  on('open', serverBack);
  on('gone', serverGone);
  on('refused', refused);
  on('error', (error) => isBusy() ? console.warn(error.message) : say(explain(error), true));
  on('availableOffers', (list) => takeOffers(list, false));
  on('newOfferAwaiting', (list) => takeOffers(list, true));
  on('answerResponse', takeAnswer);
  on('receivedIceCandidateFromServer', takeCandidate);
  on('place', takePlace);
  on('offerWithdrawn', takeWithdrawal);
  on('hungUp', takeHangUp);
  mine.connect();
  showOffers();
}

/* --- the page begins ----------------------------------------------------------------- */

function fillForm() {
  const anyone = `guest-${Math.floor(Math.random() * 9000 + 1000)}`;
  $('name').value = query.get('name') || anyone;
  $('room').value = query.get('room') ?? '';
  $('password').value = query.get('password') ?? '';
}

/* Without a secure context there is no camera to be had, and so no call to be made. */
function askForHttps() {
  $('secure-url').href = location.href.replace(/^http:/, 'https:');
  $('secure-url').textContent = `https://${location.host}/`;
  $('insecure').hidden = false;
  show();
  $('join').disabled = true;
}

window.rill = {
  get pc() { return call?.pc ?? null; },
  get state() { return state; },
  steps,
  stats: () => statsOf(call?.pc),
};

showSteps();
fillForm();
$('who').addEventListener('submit', (event) => {
  event.preventDefault();
  setState('idle');
  clearSteps();
  say('Joining …');
  join();
});
$('call').addEventListener('click', startCall);
$('answer').addEventListener('click', startAnswer);
$('hangup').addEventListener('click', () => hangUp());
window.addEventListener('pagehide', () => call?.close());
if (window.isSecureContext) {
  say('Reaching the server …');
  join();
} else {
  askForHttps();
}

/* steps: the 23 steps of a call as a list that lights.
 *
 * A step done on this page is lit `here`, at its own time. What the other side has done is lit
 * `there`, at the time when this page learns of it. The sentences are those of base/steps.c. */

const table = [
  [1, 1, 'captures its camera and microphone'],
  [2, 1, 'makes a peer connection'],
  [3, 1, 'gives it STUN servers to learn its own address from'],
  [4, 1, 'adds its tracks to the connection'],
  [5, 1, 'creates an offer: a type and a session description'],
  [6, 1, 'sets the offer as its local description'],
  [7, 1, 'its ICE candidates trickle in'],
  [8, 1, 'emits the offer to the signaling server, which holds it'],
  [9, 1, 'sends its candidates up too, and the server holds them'],
  [10, 2, 'connects to the signaling server'],
  [11, 2, 'gets the offer that was held'],
  [12, 2, 'captures its camera and microphone'],
  [13, 2, 'makes a peer connection with STUN servers'],
  [14, 2, 'adds its tracks to the connection'],
  [15, 2, 'creates an answer'],
  [16, 2, 'sets the answer as its local description'],
  [17, 2, 'sets the offer as its remote description'],
  [18, 2, 'its ICE candidates trickle in'],
  [19, 2, 'emits the answer'],
  [20, 2, 'listens for tracks and candidates, and gets those held for it'],
  [21, 0, 'the signaling server passes the answer to CLIENT1'],
  [22, 1, 'sets the answer as its remote description'],
  [23, 0, 'candidates and tracks flow both ways: CONNECTED!!'],
];

/* at: ms since the call began, null while dark. where: 'here' or 'there'. */
export const steps = table.map(([number, client, sentence]) => (
  { number, client, sentence, at: null, where: null }));

const rows = new Map();
let began = null;

/* "CLIENT1 creates an offer: …" */
export function sentenceOf(step) {
  if (step.client === 0)
    return step.sentence;
  const its = step.sentence.startsWith('its ') ? ':' : '';
  return `CLIENT${step.client}${its} ${step.sentence}`;
}

function makeRow(step) {
  const row = document.createElement('li');
  const mark = document.createElement('span');
  const text = document.createElement('span');
  const time = document.createElement('time');
  row.id = `step-${step.number}`;
  mark.className = 'mark';
  mark.textContent = step.number;
  text.textContent = sentenceOf(step);
  row.append(mark, text, time);
  return row;
}

/* Puts the list into the page: 1 to 9, 10 to 20, 21 to 23. */
export function showSteps() {
  for (const step of steps) {
    const list = step.number < 10 ? 'steps-1' : step.number < 21 ? 'steps-2' : 'steps-3';
    const row = makeRow(step);
    rows.set(step.number, row);
    document.getElementById(list).append(row);
  }
}

/* now: performance.now() of the moment it happened. The first time stays. */
export function light(number, where = 'here', now = performance.now()) {
  const step = steps[number - 1];
  if (step.at !== null)
    return;
  began ??= now;
  step.at = now - began;
  step.where = where;
  const row = rows.get(number);
  row.dataset.lit = where;
  const time = row.querySelector('time');
  time.textContent = `${(step.at / 1000).toFixed(2)} s`;
  time.title = where === 'here' ? 'since the call began' : 'when this page learned of it';
}

/* What the other side must have done by now. */
export function lightThere(...numbers) {
  for (const number of numbers)
    light(number, 'there');
}

export function clearSteps() {
  began = null;
  for (const step of steps) {
    step.at = null;
    step.where = null;
    const row = rows.get(step.number);
    delete row.dataset.lit;
    row.querySelector('time').textContent = '';
  }
}

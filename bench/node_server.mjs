// Node's socket.io with the same vocabulary and the same echo, to be measured beside `rill serve`.
import { startSocketio } from '../tests/interop/lib/socketio_server.mjs';

const { url, io } = await startSocketio();
io.on('connection', (socket) => {
  socket.on('message', (...args) => socket.emit('message-back', ...args));
});
console.log(`listening on ${url}`);
process.on('SIGTERM', () => process.exit(0));

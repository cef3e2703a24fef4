// Node's socket.io with the same vocabulary and the same echo, to be measured beside `rill serve`.
import { startSocketio } from '../tests/interop/lib/socketio_server.mjs';

const { port, io } = await startSocketio();
io.on('connection', (socket) => {
  socket.on('message', (...args) => socket.emit('message-back', ...args));
});
console.log(`listening on http://127.0.0.1:${port}/`);
process.on('SIGTERM', () => process.exit(0));

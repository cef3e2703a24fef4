/* main: the page of a trace. */

import './style.css';
import './app.js';

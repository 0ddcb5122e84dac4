// Timers of a web worker, which `mqtt` names for browsers and never uses in Node: left out, they cost nothing.
module.exports = {};

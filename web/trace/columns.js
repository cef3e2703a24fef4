/* columns: numbers of one kind, many and growing, without an object for each. */

export class Column {
  constructor(Type, room = 4096) {
    this.values = new Type(room);
    this.n = 0;
  }

  push(value) {
    if (this.n === this.values.length) {
      const more = new this.values.constructor(this.n * 2);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.n++] = value;
  }

  at(i) {
    return this.values[i];
  }

  set(i, value) {
    this.values[i] = value;
  }
}

/* Texts that come again and again, by number. */
export class Names {
  constructor() {
    this.list = [];
    this.numbers = new Map();
  }

  number(text) {
    let n = this.numbers.get(text);
    if (n === undefined) {
      n = this.list.push(text) - 1;
      this.numbers.set(text, n);
    }
    return n;
  }
}

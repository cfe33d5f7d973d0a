import { schedule } from "./schedule.js";

const bread = [
  ["knead", "15m"],
  ["let rise", "2h"],
  ["bake", "40m"],
];

console.log(schedule("08:00", bread).join("\n"));

/** Comparison whose time says nothing about where two secrets differ. */
export { timingSafeEqual as equalInConstantTime } from 'node:crypto';

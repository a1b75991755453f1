/** How many errors it takes (directory §2.4, "inactive and dead members"). */

/** Then nothing is sent any more. */
export const MAX_AUTH_ERRORS = 10;

/** Then what is sent waits until there is room. */
export const MAX_QUOTA_ERRORS = 5;

import { delivery } from '/work/main/bench/scenarios/delivery.ts';
import { echo } from '/work/main/bench/scenarios/echo.ts';
import { print } from '/work/main/bench/lib/measure.ts';
if (process.argv[2] === 'echo') print(await echo());
print(await delivery([18])); process.exit(0);

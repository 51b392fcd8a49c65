/** uPlot with its style sheet, loaded when there is something to draw. */

import UPlot from 'uplot';
import styles from 'uplot/dist/uPlot.min.css?inline';

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);

export { UPlot, sheet };

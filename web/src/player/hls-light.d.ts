/** The light build has the full build's types, less what it leaves out (captions, EME). */
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}

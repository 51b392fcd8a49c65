import '../elements/live-player.js';
import '../elements/live-chat.js';

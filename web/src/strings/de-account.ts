/** German: signing in and up. */

import type { AccountStrings } from './en-account.js';

export const account: AccountStrings = {
  signUp: 'Konto anlegen',
  email: 'E-Mail',
  password: 'Passwort',
  displayName: 'Name, den andere sehen',
  userName: 'Name oder E-Mail',
  passwordHint: 'Mindestens 12 Zeichen mit Groß- und Kleinbuchstaben und einer Ziffer.',
  confirmationCode: 'Bestätigungscode',
  confirm: 'Bestätigen',
  needAccount: 'Noch kein Konto?',
  haveAccount: 'Schon ein Konto?',
  sendCodeAgain: 'Neuen Code schicken',
  checkMailOfAccount: 'Wir haben einen Code an die E-Mail-Adresse dieses Kontos geschickt.',
  checkMail: 'Wir haben einen Code an {email} geschickt.',
};

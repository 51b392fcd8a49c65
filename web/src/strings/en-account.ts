/** English: signing in and up. */
export const account = {
  signUp: 'Sign up',
  email: 'Email',
  password: 'Password',
  displayName: 'Name that others see',
  userName: 'Name or email',
  passwordHint: 'At least 12 characters with upper and lower case and a digit.',
  confirmationCode: 'Confirmation code',
  confirm: 'Confirm',
  needAccount: 'No account yet?',
  haveAccount: 'Already have an account?',
  sendCodeAgain: 'Send another code',
  checkMailOfAccount: 'We sent a code to the email address of this account.',
  checkMail: 'We sent a code to {email}.',
} as const;

export type AccountStrings = Readonly<Record<keyof typeof account, string>>;

import security from 'eslint-plugin-security'

export default [{
  files: ['routes/*.js'],
  plugins: { security },
  rules: {
    'no-unused-vars': 'error',
    'security/detect-object-injection': 'error'
  }
}]

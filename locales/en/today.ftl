today-words = Is it about today? Do not wait for a text: ring the office now on { $office-phone }. Or tell us here what it is.
today-passed = This text may be read too late. Please ring the office now: { $office-phone }. We have passed it on, but do not rely on it. In danger: ring 999.
today-passed-closed = School is closed: this text may be read too late. Is anyone missing or in danger? Ring 999. We have passed it on. Office, from { $opens }: { $office-phone }.
topic-today = today at school
